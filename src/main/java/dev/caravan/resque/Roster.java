package dev.caravan.resque;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Protocol.Command;

/** Keeps the workers of one node where resque-web and Ruby's workers see them. For the worker's own thread. */
final class Roster {

    private final RedisLink link;
    private final Namespace namespace;
    private final String node;
    private final WorkerNames names;
    /** When they were written last, by {@code System.nanoTime}. */
    private long registered;

    private String started = "";

    Roster(RedisLink link, Namespace namespace, String node, WorkerNames names) {
        this.link = link;
        this.namespace = namespace;
        this.node = node;
        this.names = names;
        forgotten();
    }

    long registered() {
        return registered;
    }

    /** They must be written at the next occasion. */
    void forgotten() {
        registered = System.nanoTime() - Long.MAX_VALUE / 2;
    }

    /** With a heartbeat by Redis's own clock: whoever is 300 seconds behind that is taken for dead. */
    void register(Instant now) {
        Instant redis = now;
        List<String> time = Resque.texts(link.ask(Command.TIME));
        if (!time.isEmpty()) {
            redis = Instant.ofEpochSecond(Long.parseLong(time.get(0)));
        }
        if (started.isEmpty()) {
            started = ResqueTime.started(redis);
        }
        var words = new ArrayList<Object>(List.of(namespace, node, started, ResqueTime.heartbeat(redis)));
        words.addAll(names.shown());
        link.run(RedisScript.REGISTER, words);
        registered = System.nanoTime();
    }

    void leave() {
        link.run(RedisScript.LEAVE, List.of(namespace, node));
    }
}
