package dev.caravan.provider;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.Usage;
import java.net.URI;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * Where functions run. Everything Caravan asks of a container engine, a cluster or the local machine.
 *
 * <p>All methods may be called from any thread. Only {@link #replicas}, {@link #status} and {@link #list} are free of
 * I/O: they answer from what the provider last knew, since they stand on the path of every call. Constructors do no
 * I/O; {@link #start} does.
 */
public interface FunctionProvider extends AutoCloseable {

    /** Who this provider is, for {@code /system/info}. {@code orchestration} names what runs the replicas. */
    record Identity(String provider, String orchestration, String release) {}

    /** Whether calls would likely work, and one line saying why (not). */
    record Health(boolean up, String detail) {}

    /** A line a replica wrote. {@code instance} names the replica. */
    record LogLine(FunctionName function, String instance, Instant timestamp, String text) {}

    Identity identity();

    /** Asks the engine whether it is there. Blocks for at most a few seconds; never throws. */
    Health check();

    /** Brings back what was deployed before, and reaps what an earlier run left behind. */
    void start();

    /**
     * Runs a new function; returns once it is recorded, not once it is ready.
     *
     * @throws ProviderException {@code EXISTS} when the name is taken; {@code INVALID} when it can never run, or its
     *     namespace or a secret it asks for is not there
     */
    void deploy(FunctionDeployment deployment);

    /**
     * Replaces a function by a new deployment. Calls that run are finished by the old one.
     *
     * @throws ProviderException {@code NOT_FOUND}; {@code INVALID} as for {@link #deploy}
     */
    void update(FunctionDeployment deployment);

    /** @throws ProviderException {@code NOT_FOUND} */
    void delete(FunctionName function);

    /**
     * Sets how many replicas are wanted, 0 included; {@link #status} says so when this returns.
     *
     * @throws ProviderException {@code NOT_FOUND}; {@code INVALID} for more than the provider can hold, or when a
     *     replica would be added and a secret it asks for is not there
     */
    void scale(FunctionName function, int replicas);

    /** The functions of a namespace, by name; none when there is no such namespace. */
    List<FunctionStatus> list(String namespace);

    /**
     * What each of these functions takes of the machine now. May block for some milliseconds.
     *
     * @return without those of which nothing is known: not deployed, or on a machine that does not tell
     */
    default Map<FunctionName, Usage> usage(Collection<FunctionName> functions) {
        return Map.of();
    }

    /** Empty when it is not deployed. */
    Optional<FunctionStatus> status(FunctionName function);

    /**
     * Base URIs ({@code http://host:port}) of the replicas that can take a call now.
     *
     * @return empty when the function is not deployed; an empty list when no replica is ready
     */
    Optional<List<URI>> replicas(FunctionName function);

    /**
     * What the function's replicas wrote, oldest first; with {@link LogQuery#follow} also what they write from then on.
     *
     * <p>Subscribing does not block and begins anew each time. Lines come one after the other from any thread and never
     * more than were requested, so a subscriber must not block: it asks for fewer. What a provider cannot hold for a
     * subscriber that asks too seldom is dropped, and a line in its place says how many. The end ({@code onComplete})
     * comes after the last line that is there, or when following: once the function is deleted or the provider closes.
     * An engine that fails later is told by {@code onError} with a {@link ProviderException}.
     *
     * @throws ProviderException {@code NOT_FOUND}, {@code UNAVAILABLE}
     */
    Flow.Publisher<LogLine> logs(FunctionName function, LogQuery query);

    /**
     * Tells {@code listener}, from now on, of each function whose {@link #replicas} answer differently than before:
     * after they do, from any thread, now and then without need. A listener must not block or throw.
     */
    void onChange(Consumer<FunctionName> listener);

    /**
     * What keeps a function's replicas from getting ready, in a few words that a caller may read, such as {@code its
     * process ended by itself, exit status 1}. Free of I/O.
     *
     * @return empty when nothing is known
     */
    default Optional<String> obstacle(FunctionName function) {
        return Optional.empty();
    }

    /** What builds the images that this provider runs; empty where functions are no images. */
    default Optional<ImageBuilder> images() {
        return Optional.empty();
    }

    /** What functions may be given to know. */
    Secrets secrets();

    /** Where functions and secrets may live. */
    Namespaces namespaces();

    /** Ends every replica this provider runs on its own account. */
    @Override
    void close();
}
