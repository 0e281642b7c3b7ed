package dev.caravan.resque;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import redis.clients.jedis.Protocol.Command;

/**
 * The list {@code failed}, which every worker writes to: looked at, tried again and tidied as resque-web does it. The
 * record of a job that was a call here and that call's dead letter are about the same: who tries one again has tried both.
 *
 * <p>Thread-safe. Everything throws {@link RedisException} when Redis does not answer.
 */
public final class Failures implements AutoCloseable {

    /** What came of trying one again. */
    public enum Retried {
        /** Its call goes round once more, and its end will be told. */
        CALL,
        /** It stands at the tail of its queue once more. */
        JOB,
        /** It is no longer there, or no longer what it was. */
        GONE
    }

    private static final int AT_ONCE = 200;

    private final RedisLink link;
    private final Namespace namespace;
    private final JobCalls calls;
    private final InstantSource clock;

    Failures(RedisLink link, Namespace namespace, JobCalls calls, InstantSource clock) {
        this.link = link;
        this.namespace = namespace;
        this.calls = calls;
        this.clock = clock;
    }

    private String list() {
        return namespace.key("failed");
    }

    public long count() {
        return link.ask(Command.LLEN, list()) instanceof Long count ? count : 0;
    }

    /** So many, the newest first. @param below only those whose position is less */
    public List<FailedJob> newest(long below, int limit) {
        long last = Math.min(count(), below) - 1;
        if (last < 0) {
            return List.of();
        }
        List<FailedJob> page = between(Math.max(0, last - limit + 1), last);
        var newest = new ArrayList<FailedJob>();
        page.forEach(one -> newest.add(0, one));
        return newest;
    }

    /** Oldest first, by their positions. */
    List<FailedJob> between(long first, long last) {
        var some = new ArrayList<FailedJob>();
        if (link.ask(Command.LRANGE, list(), Long.toString(first), Long.toString(last)) instanceof List<?> found) {
            for (Object raw : found) {
                some.add(FailedJob.read(first + some.size(), (byte[]) raw));
            }
        }
        return some;
    }

    /** The one that an id was given to; it may stand elsewhere by now. */
    public Optional<FailedJob> find(String id) {
        String position = id.replaceFirst("-.*", "");
        if (!id.matches("[0-9]{1,15}-[0-9a-f]+")) {
            return Optional.empty();
        }
        long at = Long.parseLong(position);
        List<FailedJob> there = between(at, at);
        if (there.size() == 1 && there.get(0).isOf(id)) {
            return Optional.of(there.get(0));
        }
        for (long first = 0; ; first += AT_ONCE) {
            List<FailedJob> some = between(first, first + AT_ONCE - 1);
            Optional<FailedJob> found =
                    some.stream().filter(one -> one.isOf(id)).findFirst();
            if (found.isPresent() || some.isEmpty()) {
                return found;
            }
        }
    }

    /**
     * Tries it again and marks it, in one step: its call, where its dead letter is here; else the job goes to its queue as
     * the bytes it was.
     *
     * @param replay sends a dead call round again; false when there is no letter of it here
     * @throws IllegalArgumentException when there is no job in it, or it was tried again already
     */
    public Retried retry(FailedJob failure, Predicate<String> replay) {
        if (!failure.retriedAt().isEmpty()) {
            throw new IllegalArgumentException("it was retried already, at " + failure.retriedAt());
        }
        if (!failure.canRetry()) {
            throw new IllegalArgumentException("there is no job in it that could be tried again");
        }
        String call = failure.call();
        if (!call.isEmpty() && (calls.generation(call) > failure.generation() || replay.test(call))) {
            // Should this come to nothing, who looks after dead jobs does it soon.
            goesOn(failure);
            return Retried.CALL;
        }
        return run(failure, "") ? Retried.JOB : Retried.GONE;
    }

    /** Marks the record of a call that was sent round again, and has the call's end told once more. */
    boolean goesOn(FailedJob failure) {
        return run(failure, failure.call());
    }

    private boolean run(FailedJob failure, String call) {
        byte[] marked = failure.retried(ResqueTime.failedAt(clock.instant()));
        List<Object> words = List.of(
                namespace,
                failure.position(),
                failure.raw(),
                marked,
                failure.text("queue"),
                failure.payload().getBytes(UTF_8),
                call,
                failure.text("worker"));
        return Long.valueOf(1).equals(link.run(RedisScript.RETRY, words));
    }

    /** False when it is gone, or no longer what it was. */
    public boolean remove(FailedJob failure) {
        List<Object> words = List.of(namespace, failure.position(), failure.raw(), failure.call());
        return Long.valueOf(1).equals(link.run(RedisScript.REMOVE, words));
    }

    /**
     * Removes all of them, when there are as many as whoever asks believes.
     *
     * @return how many there are, which is how many were removed when it is that number
     */
    public long clear(long expected) {
        return link.run(RedisScript.CLEAR, List.of(namespace, expected)) instanceof Long count ? count : 0;
    }

    @Override
    public void close() {
        link.close();
    }
}
