package dev.caravan.queue;

import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.util.List;

/**
 * A logical queue now.
 *
 * @param depth calls that wait to be taken
 * @param scheduled calls that wait for their time: delayed or between two attempts
 * @param consumers workers that take from it on this node
 * @param concurrency how many of its calls this node runs at once at most; 0 when it takes none
 * @param oldestAge of the oldest call that waits to be taken
 * @param enqueued calls ever put in
 * @param dequeued calls that are over
 * @param paused whether nothing is taken from it
 * @param drained whether it is paused and nothing of it runs on this node any more
 * @param pausedFunctions whose calls are not taken from it, each by itself
 */
public record QueueFigures(
        String name,
        long depth,
        long running,
        long scheduled,
        long deadLetters,
        int consumers,
        int concurrency,
        Duration oldestAge,
        long enqueued,
        long dequeued,
        boolean paused,
        boolean drained,
        List<FunctionName> pausedFunctions) {

    public QueueFigures {
        pausedFunctions = List.copyOf(pausedFunctions);
    }
}
