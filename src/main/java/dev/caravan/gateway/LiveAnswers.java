package dev.caravan.gateway;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The answers that would go on for ever, so that a gateway that stops can end them. For any thread. */
final class LiveAnswers {

    private final Set<LiveAnswer<?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    void opened(LiveAnswer<?> answer) {
        open.add(answer);
        if (ended) {
            answer.end();
        }
    }

    void over(LiveAnswer<?> answer) {
        open.remove(answer);
    }

    /** Ends all there are, and all to come. */
    void end() {
        ended = true;
        open.forEach(LiveAnswer::end);
    }
}
