package dev.caravan.component.routes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One change of a route file under way, and how to take it back: its steps are called in the order in which they stand
 * here, and {@link #undo} after any of them puts everything back.
 */
final class RouteChange {

    private static final Logger log = LoggerFactory.getLogger(RouteChange.class);

    private final ModelCamelContext context;
    private final Map<String, LoadedFile> files;
    private final ToIntFunction<String> numbers;
    private final LoadedFile before;
    private final String newText;
    private final List<RouteConfigurationDefinition> newConfigurations = new ArrayList<>();
    private final List<RouteTemplateDefinition> newTemplates = new ArrayList<>();
    private final List<RouteVersion> created = new ArrayList<>();
    private final Map<String, RouteVersion> old = new LinkedHashMap<>();
    private final List<RouteVersion> handedOver = new ArrayList<>();

    /**
     * @param files what stands, by file; looked at while the change goes on, and left to the caller to change
     * @param numbers the next number of a route of this id, so that two versions of it can stand side by side
     * @param before what the file held; empty when it is new
     * @param newText empty when the file goes
     */
    RouteChange(
            ModelCamelContext context,
            Map<String, LoadedFile> files,
            ToIntFunction<String> numbers,
            LoadedFile before,
            String newText) {
        this.context = context;
        this.files = files;
        this.numbers = numbers;
        this.before = before;
        this.newText = newText;
        old.putAll(before.versions());
    }

    List<RouteVersion> created() {
        return created;
    }

    /** What goes into retirement when this is committed, by id. */
    Map<String, RouteVersion> replaced() {
        return old;
    }

    void takeDefinitionsOut() throws RouteRefusedException {
        swapDefinitions(before.configurations(), before.templates(), List.of(), List.of());
    }

    LoadedFile create(RouteText next) throws RouteRefusedException {
        ParsedFile parsed = ParsedFile.of(context, next);
        try {
            parsed.addConfigurations(context);
        } finally {
            newConfigurations.addAll(parsed.configurations());
        }
        parsed.readRoutes(context);
        RouteClashes.requireFreeIds(parsed, files.values());
        newTemplates.addAll(parsed.templates());
        swapDefinitions(List.of(), List.of(), List.of(), newTemplates);
        Map<String, RouteVersion> versions = new LinkedHashMap<>();
        for (RouteDefinition route : parsed.routes()) {
            RouteVersion version = create(parsed, route);
            versions.put(version.id(), version);
        }
        for (TemplatedRouteDefinition route : parsed.templatedRoutes()) {
            RouteVersion version = create(parsed, route);
            versions.put(version.id(), version);
        }
        return new LoadedFile(next, newConfigurations, newTemplates, versions);
    }

    void createDependents(DryRun.Dependents dependents) throws RouteRefusedException {
        if (dependents == DryRun.Dependents.NONE) {
            return;
        }
        for (LoadedFile other : files.values()) {
            if (other.source().equals(before.source())) {
                continue;
            }
            ParsedFile parsed = ParsedFile.of(context, other.source());
            parsed.readRoutes(context);
            if (dependents.allRoutes()) {
                for (RouteDefinition route : parsed.routes()) {
                    replace(other, create(parsed, route));
                }
            }
            for (TemplatedRouteDefinition route : parsed.templatedRoutes()) {
                if (dependents.includes(route)) {
                    replace(other, create(parsed, route));
                }
            }
        }
    }

    private void replace(LoadedFile other, RouteVersion version) {
        RouteVersion previous = other.versions().get(version.id());
        if (previous != null) {
            old.put(version.id(), previous);
        }
    }

    private RouteVersion create(ParsedFile file, RouteDefinition route) throws RouteRefusedException {
        try {
            return created(
                    RouteVersion.of(context, file.source().file(), route, numbers.applyAsInt(route.getId())), file);
        } catch (Exception e) {
            throw Diagnosis.refuse(context, file.source(), e);
        }
    }

    private RouteVersion create(ParsedFile file, TemplatedRouteDefinition route) throws RouteRefusedException {
        try {
            DryRun.checkParameters(context, file, route);
            return created(
                    RouteVersion.of(context, file.source().file(), route, numbers.applyAsInt(route.getRouteId())),
                    file);
        } catch (Exception e) {
            throw Diagnosis.refuse(context, file.source(), e);
        }
    }

    private RouteVersion created(RouteVersion version, ParsedFile file) throws RouteRefusedException {
        created.add(version);
        RouteClashes.requireFreePaths(version, file, standing());
        return version;
    }

    /** All but what this change replaces. */
    private List<RouteVersion> standing() {
        List<RouteVersion> standing = new ArrayList<>(created);
        files.values().forEach(other -> standing.addAll(other.versions().values()));
        standing.removeAll(old.values());
        return standing;
    }

    /**
     * Gives the triggers to the new versions. All old ones let go before any new one starts: a file may have given
     * one route's endpoint to another.
     */
    void handOver() throws RouteRefusedException {
        Map<String, Boolean> starts = new HashMap<>();
        for (RouteVersion version : created) {
            starts.put(version.id(), starts(version));
        }
        for (RouteVersion previous : old.values()) {
            if (previous.running()) {
                previous.hide();
                handedOver.add(previous);
                if (!previous.coexists()) {
                    previous.stopTaking();
                }
            }
        }
        for (RouteVersion version : created) {
            try {
                if (starts.getOrDefault(version.id(), false)) {
                    version.start();
                }
            } catch (Exception e) {
                throw Diagnosis.refuse(context, new RouteText(version.file(), textOf(version.file())), e);
            }
        }
    }

    /** As long as the file says what it said before, whoever started or stopped the route by hand is obeyed. */
    private boolean starts(RouteVersion version) {
        RouteVersion previous = old.get(version.id());
        boolean byItself = version.startsByItself();
        return previous != null && previous.startsByItself() == byItself ? previous.running() : byItself;
    }

    private String textOf(String file) {
        LoadedFile loaded = files.get(file);
        boolean own = file.equals(before.source().file());
        return own || loaded == null ? newText : loaded.source().text();
    }

    /** Back to what ran before, in the opposite order. */
    void undo() {
        for (RouteVersion version : created) {
            undo(version.id(), version::remove);
        }
        for (RouteVersion version : handedOver) {
            version.show();
            if (!version.coexists()) {
                undo(version.id(), version::takeAgain);
            }
        }
        try {
            swapDefinitions(newConfigurations, newTemplates, before.configurations(), before.templates());
        } catch (RouteRefusedException e) {
            log.error(
                    "cannot restore the templates of a refused edit file={}",
                    before.source().file(),
                    e);
        }
    }

    private void swapDefinitions(
            Collection<RouteConfigurationDefinition> configurationsOut,
            Collection<RouteTemplateDefinition> templatesOut,
            Collection<RouteConfigurationDefinition> configurationsIn,
            Collection<RouteTemplateDefinition> templatesIn)
            throws RouteRefusedException {
        try {
            // removeRouteConfiguration looks up by id and so cannot remove one without; the list is the model's
            // own.
            context.getRouteConfigurationDefinitions().removeAll(configurationsOut);
            for (RouteTemplateDefinition template : templatesOut) {
                context.removeRouteTemplateDefinition(template);
            }
            context.addRouteConfigurations(List.copyOf(configurationsIn));
            context.addRouteTemplateDefinitions(templatesIn);
        } catch (Exception e) {
            throw Diagnosis.refuse(context, before.source(), e);
        }
    }

    private static void undo(String id, Undo step) {
        try {
            step.run();
        } catch (Exception e) {
            log.error("cannot take back a step of a refused edit route={}", id, e);
        }
    }

    @FunctionalInterface
    private interface Undo {
        void run() throws Exception;
    }
}
