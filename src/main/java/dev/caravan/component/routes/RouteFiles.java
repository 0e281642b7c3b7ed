package dev.caravan.component.routes;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the YAML routes of a folder and keeps them as the files say: a saved file takes effect within about a second,
 * its new version takes over at once while the old one finishes what it runs, and a file that would not work is
 * refused and changes nothing. One file never stops another.
 *
 * <p>Camel's own reload is not used: editing one file takes every route down, and a mistake leaves them down
 * (<a href="https://issues.apache.org/jira/browse/CAMEL-24866">CAMEL-24866</a>).
 *
 * <p>Thread-safe. The context outlives this object; closing it leaves the routes as they are.
 */
public final class RouteFiles implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RouteFiles.class);

    private static final Duration EVERY = Duration.ofMillis(500);
    private static final Pattern TEMPLATE = Pattern.compile("(?m)^\\s*-\\s*route-?[tT]emplate\\s*:");

    /** Stands for the text of a file that is not there; no text that is read from a file is like it. */
    private static final String GONE = "\0";

    private final ModelCamelContext context;
    private final RouteFolder folder;
    private final Duration every;
    private final InstantSource clock;
    private final Retirement retirement;
    private final RouteSet routes;
    private final Map<String, RouteCounts> counts = new ConcurrentHashMap<>();
    private final StepCounts stepCounts = new StepCounts();
    private final Map<String, RefusedEdit> refused = new LinkedHashMap<>();
    /** The text of each file that was acted upon last, whether it was loaded or refused. */
    private final Map<String, String> settled = new HashMap<>();

    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "routes-watch");
        thread.setDaemon(true);
        return thread;
    });

    private Map<String, RouteFolder.Sighting> seen = Map.of();
    private boolean folderAway;

    /**
     * Touches nothing until {@link #start()}.
     *
     * @param context the context that runs the routes; it must be started before {@link #start()}
     * @param folder the folder with the routes
     * @param roles the sub-folders to run; {@code shared} is always loaded, first
     * @param drain how long an old version may take to finish what it runs before it is cut off
     * @param scratchComponents gives a dry-run context components that create everything and reach nothing: an
     *     {@code activemq} without a connection, a {@code platform-http} whose engine registers nothing, a stand-in for
     *     {@code function}; beans and properties are taken from {@code context}
     */
    public RouteFiles(
            CamelContext context,
            Path folder,
            List<String> roles,
            Duration drain,
            Consumer<CamelContext> scratchComponents,
            InstantSource clock) {
        this(context, folder, roles, drain, scratchComponents, EVERY, clock);
    }

    RouteFiles(
            CamelContext context,
            Path folder,
            List<String> roles,
            Duration drain,
            Consumer<CamelContext> scratchComponents,
            Duration every,
            InstantSource clock) {
        this(context, new RouteFolder(folder, roles), drain, scratchComponents, every, clock);
    }

    RouteFiles(
            CamelContext context,
            RouteFolder folder,
            Duration drain,
            Consumer<CamelContext> scratchComponents,
            Duration every,
            InstantSource clock) {
        this.context = (ModelCamelContext) context;
        this.folder = folder;
        this.every = every;
        this.clock = clock;
        this.retirement = new Retirement(drain, clock);
        this.routes = new RouteSet(this.context, new DryRun(context, scratchComponents), retirement);
    }

    /**
     * Loads every file, then watches the folder. A file that does not load is reported and left out.
     *
     * @throws IllegalStateException when the context is not started: Camel would then only queue the routes, and one
     *     mistake would stop them all later
     * @throws IOException when the folder cannot be read
     */
    public void start() throws IOException {
        if (!context.isStarted()) {
            throw new IllegalStateException("start the Camel context before its route files");
        }
        context.getCamelContextExtension().addInterceptStrategy(stepCounts);
        context.addRoutePolicyFactory((camel, routeId, definition) ->
                countsOf(RouteVersion.publicId(routeId)).policy());
        synchronized (this) {
            seen = folder.read();
            // Routes need the configurations and templates of other files, whatever they are called.
            List<RouteText> files = new ArrayList<>();
            seen.forEach((file, sighting) -> files.add(new RouteText(file, sighting.text())));
            List<RouteText> first =
                    files.stream().filter(RouteFiles::neededByOthers).toList();
            files.removeAll(first);
            first.forEach(file -> attempt(file.file(), () -> routes.load(file), file.text()));
            files.forEach(file -> attempt(file.file(), () -> routes.load(file), file.text()));
            log.info("routes loaded count={} refused={}", loadedCount(), refused.size());
        }
        watch.scheduleWithFixedDelay(this::poll, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static boolean neededByOthers(RouteText file) {
        return RouteSet.CONFIGURATION.matcher(file.text()).find()
                || TEMPLATE.matcher(file.text()).find();
    }

    /** What is loaded, in the order of loading. */
    public synchronized List<LoadedRoute> routes() {
        List<LoadedRoute> all = new ArrayList<>();
        for (LoadedFile file : routes.files()) {
            file.versions().values().forEach(version -> all.add(version.describe(countsOf(version.id()))));
        }
        return all;
    }

    /** One of them by the id in its file. */
    public synchronized Optional<LoadedRoute> route(String id) {
        return version(id).map(version -> version.describe(countsOf(id)));
    }

    /** What one does, step by step; none when it is not loaded. Steps count from when this version was loaded. */
    public synchronized List<RouteStep> steps(String id) {
        var tree = new RouteTree(stepCounts);
        return version(id).map(version -> version.steps(tree)).orElse(List.of());
    }

    /**
     * The file that holds a route, as it stands on disk.
     *
     * @param id of a loaded route, or what a file is called that was refused before any of it ran
     * @return empty when no file of the folder holds it: nobody knows the id, the file is gone, or the route was
     *     {@linkplain #add added} from elsewhere
     * @throws IOException when the folder cannot be read
     */
    public synchronized Optional<RouteSource> source(String id) throws IOException {
        Optional<String> file = fileOf(id);
        return file.isEmpty()
                ? Optional.empty()
                : folder.read(file.get()).map(text -> new RouteSource(file.get(), text));
    }

    private Optional<String> fileOf(String id) {
        return version(id)
                .map(RouteVersion::file)
                .or(() -> refused.keySet().stream()
                        .filter(file -> RouteFolder.nameOf(file).equals(id))
                        .findFirst());
    }

    /**
     * Saves the file that holds a route, unless it would not run: it is tried like any edit and put into service, and
     * only then written, so that no text lands on disk that does not run.
     *
     * @param id as of {@link #source}
     * @param tag of the text that was edited, as {@link RouteSource#tag()} says it; empty to replace any
     * @throws IOException when the folder cannot be read, or no file of it holds the route any more
     */
    public synchronized RouteEdit save(String id, Optional<String> tag, String text) throws IOException {
        RouteSource before = source(id).orElseThrow(() -> new IOException("no file holds the route \"" + id + "\""));
        if (tag.isPresent() && !tag.get().equals(before.tag())) {
            return new RouteEdit.Stale();
        }
        var next = new RouteText(before.file(), text);
        Optional<RouteText> running = routes.source(before.file());
        try {
            folder.requireWritable(before.file());
            if (!routes.check(next).contains(id) && version(id).isPresent()) {
                throw new RouteRefusedException(new RouteProblem(
                        next.file(),
                        0,
                        0,
                        "the route \"" + id + "\" is not in it any more; that is done in the folder",
                        ""));
            }
            routes.replace(next);
            folder.write(next.file(), text);
        } catch (RouteRefusedException e) {
            return new RouteEdit.Refused(List.of(e.problem()));
        } catch (IOException e) {
            log.warn("route not saved file={} reason=\"{}\"", next.file(), e.toString());
            putBack(next, running);
            return new RouteEdit.ReadOnly(next.file() + " cannot be written here: its file or folder is read-only");
        }
        settled.put(next.file(), text);
        refused.remove(next.file());
        retryRefused();
        return new RouteEdit.Saved(new RouteSource(next.file(), text));
    }

    /** What ran before takes over again, since it is what stands on disk. */
    private void putBack(RouteText edited, Optional<RouteText> running) {
        try {
            if (running.isEmpty()) {
                routes.remove(edited.file());
            } else if (!routes.source(edited.file()).equals(running)) {
                routes.replace(running.get());
            }
        } catch (RouteRefusedException e) {
            log.error("cannot go back to the file on disk file={} reason=\"{}\"", edited.file(), e.getMessage());
        }
    }

    /** The files whose present text does not run. */
    public synchronized List<RefusedEdit> refused() {
        return List.copyOf(refused.values());
    }

    /**
     * Says what would be wrong with a text if it were saved, without saving or running it.
     *
     * @param file path below the routes folder, with slashes
     */
    public synchronized Optional<RouteProblem> check(String file, String text) {
        try {
            routes.check(new RouteText(file, text));
            return Optional.empty();
        } catch (RouteRefusedException e) {
            return Optional.of(e.problem());
        }
    }

    /**
     * Adds routes that no file of the folder holds, or replaces them. They are like those of a file otherwise: when a
     * template changes that they were made from, they are made anew. The routes of the folder come first: an id or a
     * path that one of them has is refused here.
     *
     * @param file a path that the folder will not have
     * @return what is wrong with it; nothing has changed then
     */
    public Optional<RouteProblem> add(String file, String text) {
        return changed(() -> routes.replace(new RouteText(file, text)));
    }

    /** Removes what {@link #add} added; what runs in it is finished. */
    public Optional<RouteProblem> remove(String file) {
        return changed(() -> routes.remove(file));
    }

    private synchronized Optional<RouteProblem> changed(Step step) {
        try {
            step.run();
            return Optional.empty();
        } catch (RouteRefusedException e) {
            return Optional.of(e.problem());
        }
    }

    /** Starts a route by the id in its file; false when there is none. It stays so when its file is saved again. */
    public synchronized boolean startRoute(String id) throws Exception {
        Optional<RouteVersion> version = version(id);
        if (version.isPresent()) {
            version.get().start();
        }
        return version.isPresent();
    }

    /**
     * Stops a route by the id in its file, after what it runs has finished; false when there is none. It stays so when
     * its file is saved again.
     */
    public boolean stopRoute(String id) throws Exception {
        Optional<RouteVersion> version = version(id);
        if (version.isPresent()) {
            // Not under our lock: this waits for what runs, and looking at the routes must not.
            version.get().stop(context.getShutdownStrategy().getTimeout());
        }
        return version.isPresent();
    }

    private synchronized Optional<RouteVersion> version(String id) {
        return routes.files().stream()
                .flatMap(file -> file.versions().values().stream())
                .filter(version -> version.id().equals(id))
                .findFirst();
    }

    /** Stops watching, and waits for old versions that still finish something, at most as long as they may drain. */
    @Override
    public void close() {
        watch.shutdown();
        try {
            if (!watch.awaitTermination(10, TimeUnit.SECONDS)) {
                watch.shutdownNow();
            }
        } catch (InterruptedException e) {
            watch.shutdownNow();
            Thread.currentThread().interrupt();
        }
        retirement.close();
    }

    private void poll() {
        try {
            synchronized (this) {
                look();
            }
            folderAway = false;
        } catch (IOException e) {
            if (!folderAway) {
                folderAway = true;
                log.warn("cannot read the routes folder; everything runs on as it is reason=\"{}\"", e.toString());
            }
        } catch (RuntimeException e) {
            // An exception that got out would end the watching without a word.
            log.error("looking for changed routes failed", e);
        }
    }

    private void look() throws IOException {
        Map<String, RouteFolder.Sighting> before = seen;
        Map<String, RouteFolder.Sighting> now = folder.read();
        seen = now;
        boolean changed = false;
        for (String file : List.copyOf(settled.keySet())) {
            boolean gone = !now.containsKey(file) && !before.containsKey(file);
            if (gone && !GONE.equals(settled.get(file))) {
                changed |= removed(file);
            }
        }
        for (Map.Entry<String, RouteFolder.Sighting> entry : now.entrySet()) {
            String text = entry.getValue().text();
            boolean still = entry.getValue().equals(before.get(entry.getKey()));
            if (still && !text.equals(settled.get(entry.getKey()))) {
                changed |= replaced(entry.getKey(), text);
            }
        }
        if (changed) {
            retryRefused();
        }
    }

    /** What was refused for want of a template or because of a clash may fit when something else has changed. */
    private void retryRefused() {
        boolean changed = true;
        for (int rounds = refused.size(); changed && rounds > 0; rounds--) {
            changed = false;
            for (String file : List.copyOf(refused.keySet())) {
                changed |= retried(file);
            }
        }
    }

    private boolean replaced(String file, String text) {
        return attempt(file, () -> routes.replace(new RouteText(file, text)), text);
    }

    private boolean retried(String file) {
        String text = settled.getOrDefault(file, GONE);
        try {
            if (text.equals(GONE)) {
                routes.remove(file);
                settled.remove(file);
            } else {
                routes.replace(new RouteText(file, text));
            }
            refused.remove(file);
            return true;
        } catch (RouteRefusedException e) {
            log.debug("still refused file={}", file, e);
            return false;
        }
    }

    private boolean removed(String file) {
        boolean done = attempt(file, () -> routes.remove(file), GONE);
        if (done) {
            settled.remove(file);
        }
        return done;
    }

    private boolean attempt(String file, Step step, String text) {
        boolean known = text.equals(settled.put(file, text));
        try {
            step.run();
            refused.remove(file);
            return true;
        } catch (RouteRefusedException e) {
            boolean lastGoodRuns = routes.files().stream()
                    .anyMatch(loaded -> loaded.source().file().equals(file));
            Instant now = clock.instant();
            refused.put(file, RefusedEdit.of(e.problem(), now, lastGoodRuns));
            if (!known) {
                RouteProblem problem = e.problem();
                log.warn(
                        "route edit refused file={} line={} column={} reason=\"{}\"{}{}",
                        problem.file(),
                        problem.line(),
                        problem.column(),
                        problem.message(),
                        problem.suggestion().isEmpty() ? "" : " suggestion=\"" + problem.suggestion() + "\"",
                        lastGoodRuns ? "; the last good version runs on" : "; the file is left out");
                log.debug("route edit refused file={}", file, e);
            }
            return false;
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws RouteRefusedException;
    }

    private RouteCounts countsOf(String id) {
        return counts.computeIfAbsent(id, key -> new RouteCounts());
    }

    private long loadedCount() {
        return routes.files().stream().mapToLong(file -> file.versions().size()).sum();
    }
}
