package dev.caravan.provider.process;

import dev.caravan.function.FunctionName;
import dev.caravan.provider.FunctionProvider.LogLine;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What a function's replicas wrote last. */
final class LogRing {

    static final int CAPACITY = 1000;

    private final FunctionName function;
    private final InstantSource clock;
    private final Deque<LogLine> lines = new ArrayDeque<>();

    LogRing(FunctionName function, InstantSource clock) {
        this.function = function;
        this.clock = clock;
    }

    synchronized void add(String instance, String text) {
        if (lines.size() == CAPACITY) {
            lines.removeFirst();
        }
        lines.addLast(new LogLine(function, instance, clock.instant(), text));
    }

    /** Oldest first. */
    synchronized List<LogLine> last(int limit) {
        return lines.stream().skip(Math.max(0, lines.size() - limit)).toList();
    }
}
