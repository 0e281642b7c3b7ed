package dev.caravan.telemetry;

import dev.caravan.function.CallState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How long the queues are, and which are longer or shorter than when it was last asked. */
final class QueueDepths {

    /** What is told of one queue. */
    private record Depth(long waiting, long running, long scheduled, long deadLetters) {

        Depth with(CallState state, long count) {
            return switch (state) {
                case QUEUED -> new Depth(waiting + count, running, scheduled, deadLetters);
                case RUNNING -> new Depth(waiting, running + count, scheduled, deadLetters);
                case SCHEDULED, RETRYING -> new Depth(waiting, running, scheduled + count, deadLetters);
                case SUCCEEDED, DEAD, CANCELLED -> this;
            };
        }

        Depth withDeadLetters(long count) {
            return new Depth(waiting, running, scheduled, count);
        }
    }

    private static final Depth NOTHING = new Depth(0, 0, 0, 0);

    private Map<String, Depth> last = Map.of();

    /** From the next look on all queues are new. */
    synchronized void forget() {
        last = Map.of();
    }

    /** All queues, as they were last seen. */
    synchronized List<Event> all(Instant now) {
        return last.entrySet().stream()
                .map(queue -> event(queue.getKey(), queue.getValue(), now))
                .toList();
    }

    /** Those that have changed. May block, as {@link Levels} may. */
    synchronized List<Event> changes(Levels levels, Instant now) {
        var depths = new TreeMap<String, Depth>();
        levels.calls()
                .forEach((part, count) -> depths.put(
                        part.queue(), depths.getOrDefault(part.queue(), NOTHING).with(part.state(), count)));
        levels.deadLetters()
                .forEach((queue, count) ->
                        depths.put(queue, depths.getOrDefault(queue, NOTHING).withDeadLetters(count)));
        Map<String, Depth> before = last;
        last = depths;
        return depths.entrySet().stream()
                .filter(queue -> !queue.getValue().equals(before.get(queue.getKey())))
                .map(queue -> event(queue.getKey(), queue.getValue(), now))
                .toList();
    }

    private static Event event(String queue, Depth depth, Instant now) {
        return new Event(
                Event.Type.QUEUE,
                null,
                now,
                json -> json.put("queue", queue)
                        .put("depth", depth.waiting())
                        .put("running", depth.running())
                        .put("scheduled", depth.scheduled())
                        .put("deadLetters", depth.deadLetters()));
    }
}
