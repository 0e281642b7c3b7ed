package dev.caravan.component.routes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.Endpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.RouteTemplateParameterDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.apache.camel.model.TemplatedRouteParameterDefinition;
import org.apache.camel.spi.BeanRepository;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/**
 * Tries a text in a context of its own, in which everything is created and nothing is started: unknown steps,
 * components, options and beans, bad expressions and missing template parameters show up without a running route, the
 * HTTP table or the broker noticing.
 */
final class DryRun {

    private final CamelContext real;
    private final Consumer<CamelContext> scratchComponents;

    DryRun(CamelContext real, Consumer<CamelContext> scratchComponents) {
        this.real = real;
        this.scratchComponents = scratchComponents;
    }

    /**
     * Tries one file among the others.
     *
     * @param others what else is loaded: its templates and configurations are there, and its routes where they depend
     *     on the file
     * @param dependsOnFile which templated routes and whole files are made anew when the file changes
     * @return the ids of the routes in the file
     */
    Set<String> check(@Nullable RouteText next, Collection<RouteText> others, Dependents dependsOnFile)
            throws RouteRefusedException {
        DefaultCamelContext scratch = new DefaultCamelContext(new Shown(real.getRegistry()));
        try {
            scratch.getCamelContextExtension().setName("dry-run");
            scratch.disableJMX();
            scratch.getPropertiesComponent().addPropertiesSource(new Placeholders(real));
            scratchComponents.accept(scratch);
            return add(scratch, next, others, dependsOnFile);
        } catch (RuntimeException e) {
            throw Diagnosis.refuse(scratch, next == null ? new RouteText("", "") : next, e);
        } finally {
            // Only what was started is stopped with it, so beans of the running context are left alone.
            ServiceHelper.stopService(scratch);
        }
    }

    private static Set<String> add(
            DefaultCamelContext scratch, @Nullable RouteText next, Collection<RouteText> others, Dependents dependents)
            throws RouteRefusedException {
        List<ParsedFile> parsed = new ArrayList<>();
        for (RouteText other : others) {
            parsed.add(ParsedFile.of(scratch, other));
        }
        if (next != null) {
            parsed.add(ParsedFile.of(scratch, next));
        }
        for (ParsedFile file : parsed) {
            file.addConfigurations(scratch);
        }
        for (ParsedFile file : parsed) {
            file.readRoutes(scratch);
            addTemplates(scratch, file);
        }
        Set<String> ids = new HashSet<>();
        for (ParsedFile file : parsed) {
            boolean own = file.source().equals(next);
            if (own) {
                file.routes().forEach(route -> ids.add(route.getId()));
                file.templatedRoutes().forEach(route -> ids.add(route.getRouteId()));
            }
            for (RouteDefinition route : file.routes()) {
                if (own || dependents.allRoutes()) {
                    create(scratch, file.source(), () -> scratch.addRouteDefinition(route));
                }
            }
            for (TemplatedRouteDefinition route : file.templatedRoutes()) {
                if (own || dependents.includes(route)) {
                    checkParameters(scratch, file, route);
                    create(scratch, file.source(), () -> scratch.addRouteFromTemplatedRoute(route));
                }
            }
        }
        // Camel creates routes one after the other and stops at the first that fails.
        RouteText blamed = next != null ? next : new RouteText("", "");
        create(scratch, blamed, scratch::init);
        return ids;
    }

    private static void addTemplates(DefaultCamelContext scratch, ParsedFile file) throws RouteRefusedException {
        create(scratch, file.source(), () -> scratch.addRouteTemplateDefinitions(file.templates()));
    }

    /** Camel ignores a parameter that the template does not declare: to the editor it is a word that does nothing. */
    static void checkParameters(ModelCamelContext context, ParsedFile file, TemplatedRouteDefinition route)
            throws RouteRefusedException {
        RouteTemplateDefinition template = context.getRouteTemplateDefinition(route.getRouteTemplateRef());
        if (template == null || route.getParameters() == null) {
            return;
        }
        Set<String> declared = Optional.ofNullable(template.getTemplateParameters()).orElse(List.of()).stream()
                .map(RouteTemplateParameterDefinition::getName)
                .collect(Collectors.toSet());
        for (TemplatedRouteParameterDefinition parameter : route.getParameters()) {
            if (!declared.contains(parameter.getName())) {
                String text = file.source().text();
                int line = Place.firstOf(text, route.getRouteId(), 0).line();
                throw new RouteRefusedException(Place.firstOf(text, parameter.getName(), line)
                        .problem(
                                file.source().file(),
                                "template \"" + route.getRouteTemplateRef() + "\" has no parameter \""
                                        + parameter.getName() + "\"",
                                Nearest.to(parameter.getName(), declared)));
            }
        }
    }

    private static void create(CamelContext context, RouteText source, Step step) throws RouteRefusedException {
        try {
            step.run();
        } catch (Exception e) {
            throw Diagnosis.refuse(context, source, e);
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    /** What has to be made anew in other files when one file changes. */
    record Dependents(boolean allRoutes, Predicate<String> templates) {

        static final Dependents NONE = new Dependents(false, template -> false);

        boolean includes(TemplatedRouteDefinition route) {
            return allRoutes || templates.test(route.getRouteTemplateRef());
        }
    }

    /**
     * The beans of the running context, without what would reach out of the dry run: components, endpoints and the
     * HTTP engine are the scratch context's own.
     */
    private record Shown(Registry registry) implements BeanRepository {

        @Override
        public @Nullable Object lookupByName(String name) {
            return shown(registry.lookupByName(name));
        }

        @Override
        public <T> @Nullable T lookupByNameAndType(String name, Class<T> type) {
            return shown(registry.lookupByNameAndType(name, type));
        }

        @Override
        public <T> Map<String, T> findByTypeWithName(Class<T> type) {
            Map<String, T> found = new TreeMap<>(registry.findByTypeWithName(type));
            found.values().removeIf(bean -> shown(bean) == null);
            return found;
        }

        @Override
        public <T> Set<T> findByType(Class<T> type) {
            return registry.findByType(type).stream()
                    .filter(bean -> shown(bean) != null)
                    .collect(Collectors.toSet());
        }

        private static <T> @Nullable T shown(@Nullable T bean) {
            return bean instanceof Component
                            || bean instanceof Endpoint
                            || bean instanceof PlatformHttpEngine
                            || bean instanceof CamelContext
                    ? null
                    : bean;
        }
    }

    private record Placeholders(CamelContext real) implements PropertiesSource {

        @Override
        public String getName() {
            return "the running context";
        }

        @Override
        public @Nullable String getProperty(String name) {
            return real.getPropertiesComponent().resolveProperty(name).orElse(null);
        }
    }
}
