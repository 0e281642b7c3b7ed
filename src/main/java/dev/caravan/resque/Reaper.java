package dev.caravan.resque;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/**
 * Finds nodes that are gone and gives back what they had: at the head of its queue, as the bytes they were. What such a
 * node had handed to a queue of Caravan's stays there, as far as it is known. Runs of this very installation before this
 * one are dead for sure; others when they were silent for too long.
 *
 * <p>Each of its two chores is for one thread.
 */
final class Reaper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);

    private final RedisLink link;
    private final Namespace namespace;
    private final Pulse pulse;
    private final String home;
    private final String run;
    private final JobCalls calls;
    private final InstantSource clock;
    private final JobTally tally;
    /** When each node was last seen, and since when that has not changed, by our own clock. */
    private final Map<String, Silence> silences = new HashMap<>();

    private record Silence(String seen, long since) {}

    Reaper(
            RedisLink link,
            Namespace namespace,
            Pulse pulse,
            String home,
            String run,
            JobCalls calls,
            InstantSource clock,
            JobTally tally) {
        this.link = link;
        this.namespace = namespace;
        this.pulse = pulse;
        this.home = home;
        this.run = run;
        this.calls = calls;
        this.clock = clock;
        this.tally = tally;
    }

    /**
     * Looks once.
     *
     * @return how many jobs went back
     * @throws RedisException when Redis is away; then nobody is dead who was not before
     */
    int look() {
        int back = 0;
        try {
            List<String> nodes = Resque.texts(link.ask(Command.HGETALL, namespace.key("caravan:nodes")));
            silences.keySet().retainAll(nodes);
            for (int i = 0; i + 1 < nodes.size(); i += 2) {
                if (dead(nodes.get(i), nodes.get(i + 1))) {
                    back += reap(nodes.get(i), nodes.get(i + 1));
                }
            }
        } catch (RedisException e) {
            // Nobody could be seen meanwhile: all of them have their time again.
            silences.clear();
            throw e;
        }
        return back;
    }

    private boolean dead(String node, String seen) {
        if (node.startsWith(home + ".")) {
            return !node.startsWith(home + "." + run + "-");
        }
        // Not by the clocks of machines: what is new to us has just been seen.
        long now = System.nanoTime();
        Silence silence = silences.get(node);
        if (silence == null || !silence.seen().equals(seen)) {
            silences.put(node, new Silence(seen, now));
            return false;
        }
        return now - silence.since() > pulse.silent().toNanos();
    }

    private int reap(String node, String seen) {
        var words = new ArrayList<Object>(List.of(namespace, node, seen));
        List<String> tokens = Resque.texts(link.ask(Command.HKEYS, namespace.key("caravan:inflight:" + node)));
        tokens.sort(Comparator.naturalOrder());
        tokens.stream().filter(calls::known).forEach(words::add);
        int back = Integer.parseInt(RedisLink.text(link.run(RedisScript.REAP, words)));
        silences.remove(node);
        if (back >= 0) {
            LOG.warn(
                    "workers died, their jobs went back to their queues node={} jobs={} calls={}",
                    node,
                    back,
                    words.size() - 3);
        }
        return Math.max(0, back);
    }

    /**
     * Settles calls whose end nobody here was told: those of a run before this one, and those that another node ended.
     *
     * @return how many
     */
    int settle() {
        int settled = 0;
        String cursor = "0";
        do {
            if (!(link.ask(Command.HSCAN, namespace.key("caravan:handed"), cursor, "COUNT", "100")
                    instanceof List<?> page)) {
                return settled;
            }
            cursor = RedisLink.text(page.get(0));
            settled += settle(Resque.texts(page.get(1)));
        } while (!cursor.equals("0"));
        return settled;
    }

    /** @param found calls, and behind each the job that it was */
    private int settle(List<String> found) {
        var turn = new Turn(namespace, "", "-", clock.instant(), false);
        for (int i = 0; i + 1 < found.size(); i += 2) {
            String call = found.get(i);
            calls.ended(call).ifPresent(end -> turn.over(JobEnd.ofCall(call, end, clock.instant())));
        }
        if (turn.over() > 0) {
            Turn.Answer told = turn.run(link);
            tally.over(told.processed(), told.failed());
        }
        return turn.over();
    }

    @Override
    public void close() {
        link.close();
    }
}
