package dev.caravan.resque;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/**
 * Moves delayed jobs to their queues when they are due. Each move is one step, so any number of those who do this, Ruby's
 * scheduler included, may run side by side. For one thread.
 */
final class DueJobs implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DueJobs.class);
    private static final int AT_ONCE = 100;
    private static final int ROUNDS = 1_000;

    private final RedisLink link;
    private final Namespace namespace;
    private final InstantSource clock;

    DueJobs(RedisLink link, Namespace namespace, InstantSource clock) {
        this.link = link;
        this.namespace = namespace;
        this.clock = clock;
    }

    /** All that is due now, as far as it comes in one go. */
    void move() {
        int rounds = 0;
        while (rounds < ROUNDS && Long.valueOf(0).compareTo(moved()) < 0) {
            rounds++;
        }
        bury();
    }

    private Long moved() {
        return link.run(RedisScript.MOVE, List.of(namespace, AT_ONCE)) instanceof Long moved ? moved : 0L;
    }

    /** What says no queue becomes a failure: written before it is removed, so it may be there twice and is never lost. */
    private void bury() {
        byte[] list = namespace.key("caravan:unreadable").getBytes(UTF_8);
        byte[] failed = namespace.key("failed").getBytes(UTF_8);
        while (link.askBytes(Command.LINDEX, list, new byte[] {'0'}) instanceof byte[] item) {
            LOG.warn("a delayed job that says no queue went to failed");
            link.askBytes(
                    Command.RPUSH,
                    failed,
                    FailureRecord.ofInvalid("it is a delayed job and says no queue", item, "", "", clock.instant()));
            link.askBytes(Command.LPOP, list);
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
