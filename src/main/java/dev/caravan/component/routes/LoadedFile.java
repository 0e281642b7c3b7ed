package dev.caravan.component.routes;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteTemplateDefinition;

/** The last good text of one file and what of it stands in the context. */
record LoadedFile(
        RouteText source,
        List<RouteConfigurationDefinition> configurations,
        List<RouteTemplateDefinition> templates,
        Map<String, RouteVersion> versions) {

    LoadedFile {
        configurations = List.copyOf(configurations);
        templates = List.copyOf(templates);
        versions = new LinkedHashMap<>(versions);
    }

    Set<String> templateIds() {
        return templates.stream().map(RouteTemplateDefinition::getId).collect(Collectors.toSet());
    }
}
