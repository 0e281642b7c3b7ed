package dev.caravan.component.routes;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.model.ModelCamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The routes that stand in the running context, file by file. One file at a time is changed, as a whole or not at all:
 * everything new is created first (a failure there is seen by nobody), then the triggers change hands, and only then
 * the old versions are sent into retirement; until that moment a {@link RouteChange} can be taken back.
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

    /** @return the ids of the routes in it */
    Set<String> check(RouteText next) throws RouteRefusedException {
        return check(next, dependents(next.file(), next.text()));
    }

    private Set<String> check(RouteText next, DryRun.Dependents dependents) throws RouteRefusedException {
        try {
            return dryRun.check(next, others(next.file()), dependents);
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
        var change = new RouteChange(context, files, this::next, before, next == null ? "" : next.text());
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

    private void commit(String file, @Nullable LoadedFile after, RouteChange change, Level said) {
        for (RouteVersion version : change.created()) {
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
        for (RouteVersion created : change.created()) {
            log.atLevel(said)
                    .log(
                            "route {} route={} file={} state={}",
                            change.replaced().containsKey(created.id()) ? "reloaded" : "loaded",
                            created.id(),
                            created.file(),
                            created.state());
        }
        Set<String> kept = new HashSet<>();
        change.created().forEach(version -> kept.add(version.id()));
        change.replaced().forEach((id, version) -> {
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

    /** The text of a file that runs; empty when nothing of it does. */
    Optional<RouteText> source(String file) {
        return Optional.ofNullable(files.get(file)).map(LoadedFile::source);
    }

    Collection<LoadedFile> files() {
        return files.values();
    }
}
