package dev.caravan.component.routes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.camel.model.RouteTemplateDefinition;

/** What two routes cannot both have: an id, a template's id, an HTTP path with a verb. */
final class RouteClashes {

    private RouteClashes() {}

    /** @throws RouteRefusedException when another file has an id of this one */
    static void requireFreeIds(ParsedFile parsed, Collection<LoadedFile> files) throws RouteRefusedException {
        List<String> ids = new ArrayList<>();
        parsed.routes().forEach(route -> ids.add(route.getId()));
        parsed.templatedRoutes().forEach(route -> ids.add(route.getRouteId()));
        for (LoadedFile other : files) {
            String file = other.source().file();
            if (file.equals(parsed.source().file())) {
                continue;
            }
            for (String id : ids) {
                if (other.versions().containsKey(id)) {
                    throw clash(parsed, id, "the id \"" + id + "\"", file);
                }
            }
            for (RouteTemplateDefinition template : parsed.templates()) {
                if (other.templateIds().contains(template.getId())) {
                    throw clash(parsed, template.getId(), "the template \"" + template.getId() + "\"", file);
                }
            }
        }
    }

    /** @throws RouteRefusedException when another route has an HTTP path of this one */
    static void requireFreePaths(RouteVersion version, ParsedFile file, Collection<RouteVersion> standing)
            throws RouteRefusedException {
        for (RouteVersion other : standing) {
            if (other.id().equals(version.id())) {
                continue;
            }
            for (String path : version.httpPaths()) {
                if (other.httpPaths().stream().anyMatch(taken -> overlap(taken, path))) {
                    throw clash(file, version.id(), "the path \"" + path + "\"", other.file());
                }
            }
        }
    }

    private static RouteRefusedException clash(ParsedFile file, String word, String what, String otherFile) {
        return file.refusal(
                word,
                what + " in " + file.source().file() + " is already used in " + otherFile + "; change one of them");
    }

    /** Each a verb, or {@code *} for all, and a path. */
    private static boolean overlap(String one, String other) {
        String[] a = one.split(" ", 2);
        String[] b = other.split(" ", 2);
        return a[1].equals(b[1]) && (a[0].equals(b[0]) || a[0].equals("*") || b[0].equals("*"));
    }
}
