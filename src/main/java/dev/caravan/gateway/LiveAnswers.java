package dev.caravan.gateway;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** The answers that would go on for ever, so that they end when the gateway stops or nobody may read them any more. */
final class LiveAnswers {

    private final Map<LiveAnswer<?>, BooleanSupplier> open = new ConcurrentHashMap<>();
    private volatile boolean ended;

    /** @param wanted asked now and then on an event loop: whether it may go on */
    void opened(LiveAnswer<?> answer, BooleanSupplier wanted) {
        open.put(answer, wanted);
        if (ended) {
            answer.end();
        }
    }

    void over(LiveAnswer<?> answer) {
        open.remove(answer);
    }

    /** Ends those that may not go on. */
    void endUnwanted() {
        open.forEach((answer, wanted) -> {
            if (!wanted.getAsBoolean()) {
                answer.end();
            }
        });
    }

    /** Ends all there are, and all to come. */
    void end() {
        ended = true;
        open.keySet().forEach(LiveAnswer::end);
    }
}
