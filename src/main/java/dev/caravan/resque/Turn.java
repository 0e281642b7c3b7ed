package dev.caravan.resque;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One step of a worker, as words for the script: jobs that are over, and places for new ones. */
final class Turn {

    /** A place that is free. */
    record Free(String token, int place) {}

    /** A job as Redis gave it, unread. */
    record Taken(String token, String queue, byte[] raw, int returns) {}

    /** What Redis said. */
    record Answer(boolean paused, List<String> noLists, List<Taken> jobs, long processed, long failed) {}

    private final List<Object> head;
    private final List<Object> ends = new ArrayList<>();
    private final List<Object> queues = new ArrayList<>();
    private final List<Object> places = new ArrayList<>();
    private int over;
    private int free;

    /**
     * @param lives "1" to be seen, "0" when that was just done, "-" for one that takes no jobs
     * @param again whether the places were asked for before, and nobody knows what came of it
     */
    Turn(Namespace namespace, String node, String lives, Instant now, boolean again) {
        head = List.of(namespace, node, lives, ResqueTime.runAt(now), again ? "1" : "0");
    }

    void over(JobEnd end) {
        over++;
        ends.addAll(List.of(end.what(), end.token(), end.worker(), end.record()));
    }

    int over() {
        return over;
    }

    void from(List<String> names) {
        queues.addAll(names);
    }

    /**
     * @param shown the worker whose record tells of the job; empty for none
     * @param worker its full id
     * @param order see {@link QueueList#draw}
     */
    void free(String token, String shown, String worker, String order) {
        free++;
        places.addAll(List.of(token, shown, worker, order));
    }

    Answer run(RedisLink link) {
        var words = new ArrayList<>(head);
        words.add(over);
        words.addAll(ends);
        words.add(queues.size());
        words.addAll(queues);
        words.add(free);
        words.addAll(places);
        if (!(link.run(RedisScript.TURN, words) instanceof List<?> answer)) {
            throw new IllegalStateException("the script answers a list");
        }
        var jobs = new ArrayList<Taken>();
        for (Object one : (List<?>) answer.get(2)) {
            List<?> job = (List<?>) one;
            jobs.add(new Taken(
                    RedisLink.text(job.get(0)),
                    RedisLink.text(job.get(1)),
                    (byte[]) job.get(2),
                    Integer.parseInt(RedisLink.text(job.get(3)))));
        }
        return new Answer(
                Long.valueOf(1).equals(answer.get(0)), Resque.texts(answer.get(1)), jobs, (Long) answer.get(3), (Long)
                        answer.get(4));
    }
}
