package dev.caravan.resque;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/**
 * Keeps the records in {@code failed} and the dead letters of the same jobs of one mind. A letter that was replayed: its
 * record is marked as retried, and the job is under way again. A record that somebody else's tool has retried: its letter
 * goes, since the job runs anew as another call. For one thread.
 */
final class DeadJobs implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadJobs.class);
    private static final int AT_ONCE = 200;

    private final RedisLink link;
    private final Namespace namespace;
    private final JobCalls calls;
    private final Failures failures;

    DeadJobs(RedisLink link, Namespace namespace, JobCalls calls, Failures failures) {
        this.link = link;
        this.namespace = namespace;
        this.calls = calls;
        this.failures = failures;
    }

    /**
     * Looks through all records; at none when no job died here.
     *
     * @throws RedisException when Redis does not answer
     */
    void look() {
        Set<String> watched = new HashSet<>(Resque.texts(link.ask(Command.SMEMBERS, key())));
        if (watched.isEmpty()) {
            return;
        }
        long before = failures.count();
        Set<String> unseen = new HashSet<>(watched);
        List<FailedJob> some;
        for (long first = 0; first < before; first += AT_ONCE) {
            some = failures.between(first, first + AT_ONCE - 1);
            for (FailedJob failure : some) {
                if (watched.contains(failure.call())) {
                    settle(failure, unseen);
                }
            }
        }
        if (failures.count() >= before) {
            // Their records are gone. Had any been removed meanwhile, others could have slipped past.
            unseen.forEach(this::forget);
        }
    }

    private void settle(FailedJob failure, Set<String> unseen) {
        String call = failure.call();
        int generation = calls.generation(call);
        if (generation == 0) {
            // Another Caravan's, with a ledger of its own.
            unseen.remove(call);
        } else if (failure.retriedAt().isEmpty()) {
            unseen.remove(call);
            if (generation > failure.generation() && failures.goesOn(failure)) {
                LOG.info("a replayed job is under way again in Resque call={}", call);
            }
        } else if (generation == failure.generation()) {
            unseen.remove(call);
            if (calls.doneElsewhere(call, generation)) {
                LOG.info("a dead letter was deleted: its job was retried in Resque call={}", call);
            }
            forget(call);
        }
    }

    private void forget(String call) {
        link.ask(Command.SREM, key(), call);
    }

    @Override
    public void close() {
        link.close();
    }

    private String key() {
        return namespace.key("caravan:dead");
    }
}
