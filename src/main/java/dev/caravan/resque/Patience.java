package dev.caravan.resque;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does again what Redis did not answer, until it does; says once that it waits, and once that it is over. For one thread. */
final class Patience {

    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

    private static final Duration SHORTEST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private final String who;
    private final BooleanSupplier inHaste;
    private final Duration lastWords;
    private final Runnable forgotten;
    private boolean said;

    /**
     * @param who what waits, for the log
     * @param inHaste whether it may only take so long any more
     * @param lastWords how long then
     * @param forgotten told when Redis was away: whoever comes back may know nothing of us
     */
    Patience(String who, BooleanSupplier inHaste, Duration lastWords, Runnable forgotten) {
        this.who = who;
        this.inHaste = inHaste;
        this.lastWords = lastWords;
        this.forgotten = forgotten;
    }

    /** Until Redis has done it. False when there is no time left. */
    boolean until(Runnable what) throws InterruptedException {
        Duration wait = SHORTEST;
        long hasty = 0;
        while (true) {
            try {
                what.run();
                answers();
                return true;
            } catch (RedisException e) {
                away(e);
                if (inHaste.getAsBoolean()) {
                    hasty = hasty == 0 ? System.nanoTime() : hasty;
                    if (System.nanoTime() - hasty > lastWords.toNanos()) {
                        return false;
                    }
                }
                TimeUnit.NANOSECONDS.sleep(wait.toNanos());
                Duration longer = wait.multipliedBy(2);
                wait = longer.compareTo(LONGEST) < 0 ? longer : LONGEST;
            }
        }
    }

    private void answers() {
        if (said) {
            said = false;
            LOG.info("Redis answers again queues={}", who);
        }
    }

    private void away(RedisException e) {
        if (!said) {
            said = true;
            LOG.warn("jobs wait until Redis answers queues={} reason=\"{}\"", who, e.getMessage());
        }
        forgotten.run();
    }
}
