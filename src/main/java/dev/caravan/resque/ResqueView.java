package dev.caravan.resque;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.resque.RedisLink.Question;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * What stands in Redis, as every tool for Resque sees it, whoever wrote it: what is not as it should be is told and stops
 * nothing.
 *
 * <p>Thread-safe. Everything throws {@link RedisException} when Redis does not answer.
 */
public final class ResqueView implements AutoCloseable {

    /**
     * How things are.
     *
     * @param failures records in {@code failed}
     * @param failed what workers have counted
     * @param delayed seconds at which delayed jobs are due
     * @param handed jobs that are calls of a Caravan's
     * @param paused whether all workers that heed it are to take nothing
     */
    public record Counters(
            long processed,
            long failed,
            long failures,
            int workers,
            long working,
            long delayed,
            long handed,
            boolean paused) {}

    /** @param problem why its depth is not known; empty when it is */
    public record Queue(String name, long depth, String problem) {}

    /**
     * @param started as it stands there, in whatever form
     * @param heartbeat likewise; empty when it says none
     * @param job what it works on; null for nothing
     * @param runAt since when, likewise
     * @param problem what other tools could not read; empty when there is none
     */
    public record Worker(
            String id,
            String started,
            String heartbeat,
            long processed,
            long failed,
            String queue,
            String runAt,
            @Nullable Payload job,
            String problem) {}

    /**
     * Jobs that wait for a second.
     *
     * @param at null when it is none
     * @param first the text of the first of them; empty when there is none
     */
    public record Delayed(@Nullable Instant at, long jobs, String first) {}

    private static final int MOST_WORKERS = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper(JsonText.factory());

    private final RedisLink link;
    private final Namespace namespace;

    ResqueView(RedisLink link, Namespace namespace) {
        this.link = link;
        this.namespace = namespace;
    }

    public Counters counters() {
        List<String> workers = sorted("workers");
        List<Question> questions = new ArrayList<>(List.of(
                question(Command.GET, "stat:processed"),
                question(Command.GET, "stat:failed"),
                question(Command.LLEN, "failed"),
                question(Command.ZCARD, "delayed_queue_schedule"),
                question(Command.HLEN, "caravan:handed"),
                question(Command.GET, "pause-all-workers")));
        int head = questions.size();
        workers.forEach(worker -> questions.add(question(Command.EXISTS, "worker:" + worker)));
        List<Object> answers = link.askAll(questions);
        return new Counters(
                number(answers.get(0)),
                number(answers.get(1)),
                number(answers.get(2)),
                workers.size(),
                answers.stream().skip(head).mapToLong(ResqueView::number).sum(),
                number(answers.get(3)),
                number(answers.get(4)),
                RedisLink.text(answers.get(5)).strip().toLowerCase(Locale.ROOT).equals("true"));
    }

    /** Those in {@code queues}, by their names. */
    public List<Queue> queues() {
        List<String> names = sorted("queues");
        List<Object> answers = link.askAll(names.stream()
                .map(name -> question(Command.LLEN, "queue:" + name))
                .toList());
        var queues = new ArrayList<Queue>();
        for (int i = 0; i < names.size(); i++) {
            Object depth = answers.get(i);
            queues.add(
                    depth instanceof Long jobs
                            ? new Queue(names.get(i), jobs, "")
                            : new Queue(names.get(i), 0, "it is not a list"));
        }
        return queues;
    }

    /** Those in {@code workers}, by their ids; no more than a thousand. */
    public List<Worker> workers() {
        List<String> ids = sorted("workers").stream().limit(MOST_WORKERS).toList();
        var questions = new ArrayList<Question>();
        for (String id : ids) {
            questions.add(question(Command.GET, "worker:" + id));
            questions.add(question(Command.GET, "worker:" + id + ":started"));
            questions.add(new Question(Command.HGET, namespace.key("workers:heartbeat"), id));
            questions.add(question(Command.GET, "stat:processed:" + id));
            questions.add(question(Command.GET, "stat:failed:" + id));
        }
        List<Object> answers = link.askAll(questions);
        var workers = new ArrayList<Worker>();
        for (int i = 0; i < ids.size(); i++) {
            workers.add(worker(ids.get(i), answers.subList(5 * i, 5 * i + 5)));
        }
        return workers;
    }

    private static Worker worker(String id, List<Object> answers) {
        String working = RedisLink.text(answers.get(0));
        JsonNode record = tree(working);
        JsonNode runAt = record.path("run_at");
        Payload job = null;
        String problem = id.matches("[^:]+:[^:]+:.+") ? "" : "its id is not host:pid:queues, so no Ruby worker starts";
        if (!working.isEmpty() && !record.isObject()) {
            problem = "what it works on is not JSON";
        } else if (record.has("queue")) {
            try {
                JsonText.Span payload = JsonText.member(working, "payload");
                job = payload == null ? null : Payload.read(payload.of(working).getBytes(StandardCharsets.UTF_8));
                problem = job == null ? "it works on no payload" : problem;
            } catch (IOException | Payload.InvalidPayload e) {
                problem = "what it works on is no job: " + e.getMessage();
            }
        }
        return new Worker(
                id,
                RedisLink.text(answers.get(1)),
                RedisLink.text(answers.get(2)),
                number(answers.get(3)),
                number(answers.get(4)),
                record.path("queue").asText(""),
                runAt.isValueNode() ? runAt.asText() : "",
                job,
                problem);
    }

    /** The next seconds at which delayed jobs are due. */
    public List<Delayed> delayed(int limit) {
        List<String> seconds = Resque.texts(
                link.ask(Command.ZRANGE, namespace.key("delayed_queue_schedule"), "0", Integer.toString(limit - 1)));
        var questions = new ArrayList<Question>();
        for (String second : seconds) {
            questions.add(question(Command.LLEN, "delayed:" + second));
            questions.add(new Question(Command.LINDEX, namespace.key("delayed:" + second), "0"));
        }
        List<Object> answers = link.askAll(questions);
        var delayed = new ArrayList<Delayed>();
        for (int i = 0; i < seconds.size(); i++) {
            delayed.add(new Delayed(
                    time(seconds.get(i)), number(answers.get(2 * i)), RedisLink.text(answers.get(2 * i + 1))));
        }
        return delayed;
    }

    private static @Nullable Instant time(String second) {
        try {
            return Instant.ofEpochSecond(Long.parseLong(second));
        } catch (NumberFormatException | DateTimeException e) {
            return null;
        }
    }

    /** Has all workers that heed it take nothing, or take jobs again. */
    public void pause(boolean paused) {
        String key = namespace.key("pause-all-workers");
        if (paused) {
            link.ask(Command.SET, key, "true");
        } else {
            link.ask(Command.DEL, key);
        }
    }

    /** How many jobs stand on each queue. */
    public TreeMap<String, Long> depths() {
        var depths = new TreeMap<String, Long>();
        queues().forEach(queue -> depths.put(queue.name(), queue.depth()));
        return depths;
    }

    private List<String> sorted(String set) {
        return List.copyOf(new TreeSet<>(Resque.texts(link.ask(Command.SMEMBERS, namespace.key(set)))));
    }

    private Question question(Command command, String key) {
        return new Question(command, namespace.key(key));
    }

    private static long number(@Nullable Object answer) {
        String text = answer instanceof RuntimeException ? "" : RedisLink.text(answer);
        return text.matches("-?[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            return JSON.missingNode();
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
