package dev.caravan.queue;

import java.time.Duration;

/**
 * A logical queue now.
 *
 * @param depth calls that wait to be taken
 * @param scheduled calls that wait for their time: delayed or between two attempts
 * @param consumers workers that take from it on this node
 * @param oldestAge of the oldest call that waits to be taken
 * @param enqueued calls ever put in
 * @param dequeued calls that are over
 */
public record QueueFigures(
        String name,
        long depth,
        long running,
        long scheduled,
        long deadLetters,
        int consumers,
        Duration oldestAge,
        long enqueued,
        long dequeued) {}
