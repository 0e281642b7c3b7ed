package dev.caravan.component.routes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The routes that stand in the running context, file by file. One file at a time is changed, as a whole or not at all:
 * everything new is created first (a failure there is seen by nobody), then the triggers change hands, and only then
 * the old versions are sent into retirement; until that moment each step can be taken back.
 *
 * <p>Not thread-safe: {@link RouteFiles} holds a lock.
 */
final class RouteSet {

    private static final Logger log = LoggerFactory.getLogger(RouteSet.class);

    /** An entry of a file that configures routes, in either spelling that Camel reads. */
    static final Pattern CONFIGURATION = Pattern.compile("(?m)^\\s*-\\s*route-?[cC]onfiguration\\s*:");

    private final ModelCamelContext context;
    private final DryRun dryRun;
    private final Retirement retirement;
    private final Map<String, LoadedFile> files = new LinkedHashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    RouteSet(ModelCamelContext context, DryRun dryRun, Retirement retirement) {
        this.context = context;
        this.dryRun = dryRun;
        this.retirement = retirement;
    }

    /** Loads a file for the first time, straight away: at start there is nothing that a dry run would protect. */
    void load(RouteText next) throws RouteRefusedException {
        // One line for each would bury the rest of a start; RouteFiles says how many there are.
        change(next.file(), next, dependents(next.file(), next.text()), Level.DEBUG);
    }

    /** Tries the text, then replaces what the file held before. */
    void replace(RouteText next) throws RouteRefusedException {
        var dependents = dependents(next.file(), next.text());
        check(next, dependents);
        change(next.file(), next, dependents, Level.INFO);
    }

    /** Removes what a file held. Refused while another file needs a template of it. */
    void remove(String file) throws RouteRefusedException {
        var dependents = dependents(file, "");
        if (dependents != DryRun.Dependents.NONE) {
            try {
                dryRun.check(null, others(file), dependents);
            } catch (RouteRefusedException e) {
                throw new RouteRefusedException(
                        new RouteProblem(file, 0, 0, "the file is gone, and is needed by " + e.problem(), ""), e);
            }
        }
        change(file, null, dependents, Level.INFO);
    }

    void check(RouteText next) throws RouteRefusedException {
        check(next, dependents(next.file(), next.text()));
    }

    private void check(RouteText next, DryRun.Dependents dependents) throws RouteRefusedException {
        try {
            dryRun.check(next, others(next.file()), dependents);
        } catch (RouteRefusedException e) {
            throw blame(next, e);
        }
    }

    /** Whatever fails in another file because of this one is this edit's fault. */
    private static RouteRefusedException blame(RouteText next, RouteRefusedException e) {
        if (e.problem().file().equals(next.file())) {
            return e;
        }
        return new RouteRefusedException(new RouteProblem(next.file(), 0, 0, "this would break " + e.problem(), ""), e);
    }

    private void change(String file, @Nullable RouteText next, DryRun.Dependents dependents, Level said)
            throws RouteRefusedException {
        LoadedFile before =
                files.getOrDefault(file, new LoadedFile(new RouteText(file, ""), List.of(), List.of(), Map.of()));
        Change change = new Change(before, next == null ? "" : next.text());
        try {
            change.takeDefinitionsOut();
            LoadedFile after = next == null ? null : change.create(next);
            change.createDependents(dependents);
            change.handOver();
            commit(file, after, change, said);
        } catch (RouteRefusedException e) {
            change.undo();
            throw next == null ? e : blame(next, e);
        } catch (RuntimeException e) {
            change.undo();
            throw Diagnosis.refuse(context, next == null ? before.source() : next, e);
        }
    }

    private void commit(String file, @Nullable LoadedFile after, Change change, Level said) {
        for (RouteVersion version : change.created) {
            LoadedFile other = files.get(version.file());
            if (other != null && !version.file().equals(file)) {
                other.versions().put(version.id(), version);
            }
        }
        if (after == null) {
            files.remove(file);
        } else {
            files.put(file, after);
        }
        for (RouteVersion created : change.created) {
            log.atLevel(said)
                    .log(
                            "route {} route={} file={} state={}",
                            change.old.containsKey(created.id()) ? "reloaded" : "loaded",
                            created.id(),
                            created.file(),
                            created.state());
        }
        Set<String> kept = new HashSet<>();
        change.created.forEach(version -> kept.add(version.id()));
        change.old.forEach((id, version) -> {
            if (!kept.contains(id)) {
                log.info("route removed route={} file={}", id, version.file());
            }
            version.hide();
            if (version.running()) {
                version.stopTaking();
            }
            retirement.retire(version);
        });
    }

    /** One change under way, and how to take it back. */
    private final class Change {

        private final LoadedFile before;
        private final String newText;
        private final List<RouteConfigurationDefinition> newConfigurations = new ArrayList<>();
        private final List<RouteTemplateDefinition> newTemplates = new ArrayList<>();
        private final List<RouteVersion> created = new ArrayList<>();
        private final Map<String, RouteVersion> old = new LinkedHashMap<>();
        private final List<RouteVersion> handedOver = new ArrayList<>();

        Change(LoadedFile before, String newText) {
            this.before = before;
            this.newText = newText;
            old.putAll(before.versions());
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
            requireFreeIds(parsed);
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
                return created(RouteVersion.of(context, file.source().file(), route, next(route.getId())), file);
            } catch (Exception e) {
                throw Diagnosis.refuse(context, file.source(), e);
            }
        }

        private RouteVersion create(ParsedFile file, TemplatedRouteDefinition route) throws RouteRefusedException {
            try {
                DryRun.checkParameters(context, file, route);
                return created(RouteVersion.of(context, file.source().file(), route, next(route.getRouteId())), file);
            } catch (Exception e) {
                throw Diagnosis.refuse(context, file.source(), e);
            }
        }

        private RouteVersion created(RouteVersion version, ParsedFile file) throws RouteRefusedException {
            created.add(version);
            requireFreePaths(version, file);
            return version;
        }

        private void requireFreeIds(ParsedFile parsed) throws RouteRefusedException {
            List<String> ids = new ArrayList<>();
            parsed.routes().forEach(route -> ids.add(route.getId()));
            parsed.templatedRoutes().forEach(route -> ids.add(route.getRouteId()));
            for (LoadedFile other : files.values()) {
                if (other.source().file().equals(before.source().file())) {
                    continue;
                }
                for (String id : ids) {
                    if (other.versions().containsKey(id)) {
                        throw clash(
                                parsed,
                                id,
                                "the id \"" + id + "\"",
                                other.source().file());
                    }
                }
                for (RouteTemplateDefinition template : parsed.templates()) {
                    if (other.templateIds().contains(template.getId())) {
                        throw clash(
                                parsed,
                                template.getId(),
                                "the template \"" + template.getId() + "\"",
                                other.source().file());
                    }
                }
            }
        }

        private void requireFreePaths(RouteVersion version, ParsedFile file) throws RouteRefusedException {
            List<RouteVersion> standing = new ArrayList<>(created);
            files.values().forEach(other -> standing.addAll(other.versions().values()));
            for (RouteVersion other : standing) {
                if (other == version || other.id().equals(version.id()) || old.containsValue(other)) {
                    continue;
                }
                for (String path : version.httpPaths()) {
                    if (other.httpPaths().stream().anyMatch(taken -> overlap(taken, path))) {
                        throw clash(file, version.id(), "the path \"" + path + "\"", other.file());
                    }
                }
            }
        }

        private RouteRefusedException clash(ParsedFile file, String word, String what, String otherFile) {
            return file.refusal(
                    word,
                    what + " in " + file.source().file() + " is already used in " + otherFile + "; change one of them");
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
                RouteSet.undo(version.id(), version::remove);
            }
            for (RouteVersion version : handedOver) {
                version.show();
                if (!version.coexists()) {
                    RouteSet.undo(version.id(), version::takeAgain);
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

    private static boolean overlap(String one, String other) {
        String[] a = one.split(" ", 2);
        String[] b = other.split(" ", 2);
        return a[1].equals(b[1]) && (a[0].equals(b[0]) || a[0].equals("*") || b[0].equals("*"));
    }

    private int next(String id) {
        return numbers.merge(id, 1, Integer::sum);
    }

    /** A configuration concerns every route; a template those made from it, which only a loaded file can have. */
    private DryRun.Dependents dependents(String file, String newText) {
        LoadedFile before = files.get(file);
        Set<String> templates = before == null ? Set.of() : before.templateIds();
        boolean configurations = CONFIGURATION.matcher(newText).find()
                || (before != null && !before.configurations().isEmpty());
        boolean needed = files.values().stream()
                .flatMap(other -> other.versions().values().stream())
                .anyMatch(version -> !version.file().equals(file) && templates.contains(version.template()));
        if (configurations) {
            return new DryRun.Dependents(true, template -> true);
        }
        return needed ? new DryRun.Dependents(false, templates::contains) : DryRun.Dependents.NONE;
    }

    private Collection<RouteText> others(String file) {
        return files.values().stream()
                .map(LoadedFile::source)
                .filter(source -> !source.file().equals(file))
                .toList();
    }

    Collection<LoadedFile> files() {
        return files.values();
    }
}
