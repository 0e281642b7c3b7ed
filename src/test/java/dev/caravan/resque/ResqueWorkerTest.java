package dev.caravan.resque;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker on a real Redis. The rules are those that break other workers, or resque-web, when they are not kept. */
@Timeout(120)
class ResqueWorkerTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Namespace RESQUE = new Namespace("resque");

    @TempDir
    static Path folder;

    /** Many beats in a second, of which others see one. */
    private static final Pulse QUICK =
            new Pulse(Duration.ofMillis(20), Duration.ofMillis(20), Duration.ofMillis(2_500));

    private static RedisServer redis;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<ResqueWorker> workers = new ArrayList<>();
    private final List<Resque> opened = new ArrayList<>();
    private final Queue<Job> seen = new ConcurrentLinkedQueue<>();
    private final Calls calls = new Calls();

    /** Calls whose end the test says. */
    private static final class Calls implements JobCalls {

        private final Map<String, Ended> ends = new ConcurrentHashMap<>();
        private final Map<String, Runnable> waiting = new ConcurrentHashMap<>();
        private final Map<String, Integer> generations = new ConcurrentHashMap<>();
        private final Set<String> elsewhere = ConcurrentHashMap.newKeySet();

        @Override
        public boolean known(String call) {
            return waiting.containsKey(call) || ends.containsKey(call);
        }

        @Override
        public Optional<Ended> ended(String call) {
            return Optional.ofNullable(ends.get(call));
        }

        @Override
        public void whenOver(String call, Runnable look) {
            waiting.put(call, look);
            if (ends.containsKey(call)) {
                look.run();
            }
        }

        @Override
        public int generation(String call) {
            return generations.getOrDefault(call, known(call) ? 1 : 0);
        }

        @Override
        public boolean doneElsewhere(String call, int generation) {
            return elsewhere.add(call + "." + generation);
        }

        void replay(String call) {
            generations.put(call, generation(call) + 1);
            ends.remove(call);
        }

        void end(String call, Failure... failure) {
            ends.put(call, new Ended(Optional.ofNullable(failure.length == 0 ? null : failure[0])));
            Optional.ofNullable(waiting.get(call)).ifPresent(Runnable::run);
        }
    }

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    @BeforeEach
    void clean() {
        redis.ask("FLUSHALL");
    }

    @AfterEach
    void stop() {
        workers.forEach(ResqueWorker::close);
        opened.forEach(Resque::close);
        threads.shutdownNow();
    }

    private Resque resque(String home) {
        return resque(home, Pulse.USUAL);
    }

    private Resque resque(String home, Pulse pulse) {
        var resque = new Resque(
                RedisAddress.parse(redis.url()),
                RESQUE,
                pulse,
                home,
                "fe80::1:vm",
                4711,
                calls,
                InstantSource.system());
        opened.add(resque);
        return resque;
    }

    private ResqueWorker work(Resque resque, String queues, int concurrency, BiConsumer<ResqueWorker, Job> doer) {
        var self = new ResqueWorker[1];
        self[0] = resque.worker(
                RESQUE,
                QueueList.parse(queues),
                new ResqueWorker.Options(concurrency, Duration.ofMillis(20), null),
                job -> threads.execute(() -> {
                    seen.add(job);
                    doer.accept(self[0], job);
                }));
        workers.add(self[0]);
        self[0].start();
        return self[0];
    }

    private ResqueWorker work(String queues, int concurrency, BiConsumer<ResqueWorker, Job> doer) {
        return work(resque("here"), queues, concurrency, doer);
    }

    private static void push(String queue, String... payloads) {
        for (String payload : payloads) {
            redis.ask("SADD", "resque:queues", queue);
            redis.ask("RPUSH", "resque:queue:" + queue, payload);
        }
    }

    private static String hello(Object args) {
        return "{\"class\":\"Hello\",\"args\":[" + args + "]}";
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10));
    }

    private static List<JsonNode> failed() {
        return redis.list("LRANGE", "resque:failed", "0", "-1").stream()
                .map(ResqueWorkerTest::json)
                .toList();
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    private static void awaitProcessed(long count) {
        soon().untilAsserted(() ->
                assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(count));
    }

    /** Nothing of ours is left but what other tools are to see. */
    private static List<String> privateKeys() {
        return redis.list("KEYS", "resque:caravan:*").stream().sorted().toList();
    }

    // ---- The ten rules ---------------------------------------------------------------------------------------------

    @Test
    void rule1And2_aWorkersIdHasThreePartsAndAHostOfItsOwn() {
        work("high,low", 2, ResqueWorker::done);
        soon().until(() -> redis.number("SCARD", "resque:workers") == 2);

        assertThat(redis.list("SMEMBERS", "resque:workers"))
                .containsExactlyInAnyOrder("fe80--1-vm-caravan:4711-0:high,low", "fe80--1-vm-caravan:4711-1:high,low");
    }

    @Test
    void rule3And4_aHeartbeatIsADateAndIsThere() {
        work("*", 1, ResqueWorker::done);
        soon().until(() -> redis.number("HLEN", "resque:workers:heartbeat") == 1);

        String heartbeat = redis.list("HVALS", "resque:workers:heartbeat").get(0);
        assertThat(heartbeat).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+00:00");
        assertThat(Duration.between(OffsetDateTime.parse(heartbeat).toInstant(), Instant.ofEpochSecond(redisTime()))
                        .abs())
                .isLessThan(Duration.ofMinutes(1));
        assertThat(redis.text("GET", "resque:worker:fe80--1-vm-caravan:4711-0:*:started"))
                .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\+0000");
    }

    /** Redis's seconds, to which it is written, are not waited for: what the test puts there is written over. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rule4_theHeartbeatGoesOnWhileThereIsNothingToDoAndWhileAllAreBusy(boolean busy) {
        if (busy) {
            push("q", hello(1), hello(2));
        }
        work(resque("here", QUICK), "q", 2, (worker, job) -> {});
        soon().until(() -> seen.size() == (busy ? 2 : 0) && redis.number("HLEN", "resque:workers:heartbeat") == 2);

        for (int beat = 0; beat < 5; beat++) {
            for (String id : redis.list("SMEMBERS", "resque:workers")) {
                redis.ask("HSET", "resque:workers:heartbeat", id, "2000-01-01T00:00:00+00:00");
            }
            soon().untilAsserted(() -> assertThat(redis.list("HVALS", "resque:workers:heartbeat"))
                    .hasSize(2)
                    .noneMatch(heartbeat -> heartbeat.startsWith("2000-")));
        }
        assertThat(OffsetDateTime.parse(
                                redis.list("HVALS", "resque:workers:heartbeat").get(0))
                        .toInstant())
                .isBetween(Instant.ofEpochSecond(redisTime() - 60), Instant.ofEpochSecond(redisTime()));
    }

    private static long redisTime() {
        return Long.parseLong(redis.list("TIME").get(0));
    }

    @Test
    void rule5_whoWasPrunedWhileItWorksIsBackWithTheNextHeartbeat() {
        push("q", hello(1));
        work(resque("here", QUICK), "q", 1, (worker, job) -> {});
        soon().until(() -> seen.size() == 1);
        String id = redis.list("SMEMBERS", "resque:workers").get(0);
        redis.ask("SREM", "resque:workers", id);
        redis.ask("HDEL", "resque:workers:heartbeat", id);
        redis.ask("DEL", "resque:worker:" + id + ":started");

        soon().until(() -> redis.number("SISMEMBER", "resque:workers", id) == 1);
        assertThat(redis.number("HEXISTS", "resque:workers:heartbeat", id)).isEqualTo(1);
        assertThat(redis.number("EXISTS", "resque:worker:" + id + ":started")).isEqualTo(1);
    }

    /** By the same script as with every heartbeat; here it is asked for at once. */
    @Test
    void rule5_whoWasPrunedRegistersAgain() {
        Resque resque = resque("here");
        var names = WorkerNames.of("vm", "1", "q", 1);
        try (var link = new RedisLink(RedisAddress.parse(redis.url()), "test")) {
            var roster = new Roster(link, RESQUE, "here.x-0", names);
            roster.register(Instant.EPOCH);
            String started = redis.text("GET", "resque:worker:vm-caravan:1-0:q:started");
            redis.ask("SREM", "resque:workers", "vm-caravan:1-0:q");
            redis.ask("HDEL", "resque:workers:heartbeat", "vm-caravan:1-0:q");
            roster.register(Instant.EPOCH);

            assertThat(redis.list("SMEMBERS", "resque:workers")).containsExactly("vm-caravan:1-0:q");
            assertThat(redis.number("HLEN", "resque:workers:heartbeat")).isEqualTo(1);
            assertThat(redis.text("GET", "resque:worker:vm-caravan:1-0:q:started"))
                    .isEqualTo(started);
        }
        assertThat(resque.answers()).isTrue();
    }

    @Test
    void rule6_whatAWorkerIsAtIsJsonWithThePayloadAsItIs() throws Exception {
        var go = new CountDownLatch(1);
        String payload = "{ \"class\":\"Hello\", \"args\":[12345678901234567890,\"a\\/b\\u003c\"],\"id\":\"x\" }";
        push("a/b \"q\"", payload);
        work("*", 1, (worker, job) -> {
            await().atMost(Duration.ofSeconds(60)).until(() -> go.getCount() == 0);
            worker.done(job);
        });
        soon().until(() -> seen.size() == 1);

        String working = redis.text("GET", "resque:worker:fe80--1-vm-caravan:4711-0:*");
        assertThat(working).contains("\"payload\":" + payload);
        assertThat(working).contains("\"queue\":\"a/b \\\"q\\\"\"");
        // Which node-resque's tools look for.
        assertThat(json(working).path("worker").asText()).isEqualTo("fe80--1-vm-caravan:4711-0");
        assertThat(Instant.parse(json(working).path("run_at").asText())).isNotNull();
        go.countDown();
        soon().until(() -> redis.number("EXISTS", "resque:worker:fe80--1-vm-caravan:4711-0:*") == 0);
    }

    @Test
    void rule7_aFailureHasAllThatItsPageNeeds() {
        push("q", hello(7));
        work("q", 1, (worker, job) -> worker.failed(job, Failure.of(new IllegalStateException("no \"such\" thing"))));
        awaitProcessed(1);

        JsonNode record = failed().get(0);
        assertThat(record.fieldNames())
                .toIterable()
                .containsExactly("failed_at", "payload", "exception", "error", "backtrace", "worker", "queue");
        assertThat(record.path("failed_at").asText()).matches("\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d UTC");
        assertThat(record.path("payload")).isEqualTo(json(hello(7)));
        assertThat(record.path("exception").asText()).isEqualTo("java.lang.IllegalStateException");
        assertThat(record.path("error").asText()).isEqualTo("no \"such\" thing");
        assertThat(record.path("backtrace").get(0).asText()).contains("ResqueWorkerTest");
        assertThat(record.path("worker").asText()).isEqualTo("fe80--1-vm-caravan:4711-0:q");
        assertThat(record.path("queue").asText()).isEqualTo("q");
        assertThat(redis.number("GET", "resque:stat:failed")).isEqualTo(1);
        assertThat(redis.number("GET", "resque:stat:failed:fe80--1-vm-caravan:4711-0:q"))
                .isEqualTo(1);
        assertThat(redis.number("GET", "resque:stat:processed:fe80--1-vm-caravan:4711-0:q"))
                .isEqualTo(1);
    }

    /** node-resque's tools remove a record by the bytes that JavaScript would write. */
    @Test
    void aFailureHasTheBytesThatOthersWouldWrite() {
        push("a/b", hello("\"x/y\""));
        work("a/b", 1, (worker, job) -> worker.failed(job, new Failure("E", "\u001b[31m<é/ü>")));
        awaitProcessed(1);

        assertThat(redis.list("LRANGE", "resque:failed", "0", "-1").get(0))
                .endsWith(",\"payload\":" + hello("\"x/y\"")
                        + ",\"exception\":\"E\",\"error\":\"\\u001b[31m<é/ü>\",\"backtrace\":[],"
                        + "\"worker\":\"fe80--1-vm-caravan:4711-0:a/b\",\"queue\":\"a/b\"}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            not json at all
            [1,2,3]
            {"args":[1]}
            {"class":"Hello","args":[1}
            "text"
            {"class":"Hello","args":[0x10]}
            """)
    void rule8_whatIsNoJobGoesToFailedAndStopsNobody(String bad) {
        push("q", bad, hello(1));
        work("q", 1, ResqueWorker::done);
        awaitProcessed(2);

        JsonNode record = failed().get(0);
        assertThat(record.path("payload").path("class").asText()).isEqualTo("(invalid payload)");
        assertThat(record.path("payload").path("args").get(0).asText()).isEqualTo(bad);
        assertThat(record.path("exception").asText()).isEqualTo("InvalidPayload");
        assertThat(record.path("backtrace").isArray()).isTrue();
        assertThat(record.path("failed_at").isTextual()).isTrue();
        assertThat(seen).extracting(job -> job.payload().args()).containsExactly("[1]");
        assertThat(redis.number("HLEN", "resque:caravan:inflight:" + node())).isZero();
    }

    private static String node() {
        return redis.list("HKEYS", "resque:caravan:nodes").get(0);
    }

    @Test
    void rule9_bytesGoThroughAsTheyAre() {
        String odd =
                "{\"args\":[12345678901234567890, 1e400,\"\\/\\u0041é\"],\"extra\":{\"k\":0.10},\"class\":\"Hello\"}";
        push("q", odd);
        var tries = new ConcurrentLinkedQueue<String>();
        work("q", 1, (worker, job) -> {
            tries.add(job.payload().args());
            if (tries.size() == 1) {
                worker.giveBack(job);
            } else {
                worker.failed(job, new Failure("E", "e"));
            }
        });
        awaitProcessed(1);

        assertThat(tries).containsExactly("[12345678901234567890, 1e400,\"\\/\\u0041é\"]", tries.peek());
        assertThat(redis.list("LRANGE", "resque:failed", "0", "-1").get(0)).contains("\"payload\":" + odd + ",");
    }

    /** What resque-web's Retry pushes has lost all but class and args. */
    @Test
    void rule10_aJobThatComesBackWithoutItsExtraKeysIsAJob() {
        push("q", "{\"class\":\"Hello\",\"args\":[1],\"id\":\"x\"}");
        var tries = new ConcurrentLinkedQueue<Job>();
        work("q", 1, (worker, job) -> {
            tries.add(job);
            if (tries.size() == 1) {
                worker.failed(job, new Failure("E", "e", List.of(), Map.of("callId", job.token())));
            } else {
                worker.done(job);
            }
        });
        awaitProcessed(1);
        JsonNode record = failed().get(0);
        assertThat(record.path("callId").asText()).isEqualTo(tries.peek().token());
        push("q", hello(1));
        awaitProcessed(2);

        assertThat(tries).hasSize(2);
        assertThat(failed()).hasSize(1);
    }

    // ---- Taking ----------------------------------------------------------------------------------------------------

    @Test
    void queuesAreTakenInTheirOrderAndJobsInTheirs() {
        push("low", hello(3), hello(4));
        push("high", hello(1), hello(2));
        push("other", hello(5));
        work("high,low,!other", 1, ResqueWorker::done);
        awaitProcessed(4);

        assertThat(seen).extracting(job -> job.payload().args()).containsExactly("[1]", "[2]", "[3]", "[4]");
        assertThat(redis.number("LLEN", "resque:queue:other")).isEqualTo(1);
    }

    @Test
    void weightedQueuesAreTakenFromByTheirWeightsAndNoneIsLeftOut() {
        IntStream.range(0, 300).forEach(i -> {
            push("a", hello(i));
            push("b", hello(i));
        });
        work("a=3,b", 1, ResqueWorker::done);
        awaitProcessed(600);

        // 150 on average; chance takes it from here one time in many millions.
        assertThat(seen.stream().limit(200).filter(job -> job.queue().equals("a")))
                .hasSizeBetween(115, 185);
        assertThat(redis.list("SMEMBERS", "resque:workers")).containsExactly("fe80--1-vm-caravan:4711-0:a,a,a,b");
    }

    @Test
    void aQueueThatIsNoListIsLeftAloneAndStopsNobody() {
        redis.ask("SADD", "resque:queues", "odd");
        redis.ask("ZADD", "resque:queue:odd", "1", "x");
        push("q", hello(1));
        work("*", 2, ResqueWorker::done);
        awaitProcessed(1);

        assertThat(redis.number("ZCARD", "resque:queue:odd")).isEqualTo(1);
    }

    @Test
    void aQueueThatComesUpLaterIsFound() {
        work("*", 2, ResqueWorker::done);
        soon().until(() -> redis.number("SCARD", "resque:workers") == 2);
        push("later", hello(1));

        awaitProcessed(1);
    }

    @Test
    void nothingIsTakenWhileAllWorkersArePaused() {
        redis.ask("SET", "resque:pause-all-workers", " True\n");
        push("q", hello(1));
        work("q", 1, ResqueWorker::done);
        soon().until(() -> redis.number("SCARD", "resque:workers") == 1);
        await().pollDelay(Duration.ofMillis(300)).until(() -> true);
        assertThat(seen).isEmpty();
        redis.ask("DEL", "resque:pause-all-workers");

        awaitProcessed(1);
    }

    @Test
    void noMoreRunAtOnceThanMay() {
        var go = new CountDownLatch(1);
        IntStream.range(0, 10).forEach(i -> push("q", hello(i)));
        work("q", 3, (worker, job) -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            worker.done(job);
        });
        soon().until(() -> seen.size() == 3);
        await().pollDelay(Duration.ofMillis(200)).until(() -> true);
        assertThat(seen).hasSize(3);
        assertThat(redis.number("LLEN", "resque:queue:q")).isEqualTo(7);
        go.countDown();

        awaitProcessed(10);
    }

    @Test
    void itEndsWhenTheQueuesAreEmptyAndItWasAskedTo() throws Exception {
        IntStream.range(0, 50).forEach(i -> push("q", hello(i)));
        var complete = new CountDownLatch(1);
        var self = new ResqueWorker[1];
        self[0] = resque("here")
                .worker(
                        RESQUE,
                        QueueList.parse("q"),
                        new ResqueWorker.Options(4, Duration.ofMillis(20), complete::countDown),
                        job -> threads.execute(() -> self[0].done(job)));
        workers.add(self[0]);
        self[0].start();

        assertThat(complete.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(self[0].awaitGone(Duration.ofSeconds(60))).isTrue();
        assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(50);
        assertThat(redis.number("SCARD", "resque:workers")).isZero();
    }

    @Test
    void aJobCostsAtMostThreeCommands() {
        IntStream.range(0, 500).forEach(i -> push("q", hello(i)));
        long before = commands();
        work("q", 25, ResqueWorker::done);
        awaitProcessed(500);

        assertThat(commands() - before).isLessThan(3 * 500);
    }

    /** Scripts that were run: a worker asks for nothing else job by job. */
    private static long commands() {
        return redis.text("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_eval"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
                .sum();
    }

    // ---- Nothing is lost -------------------------------------------------------------------------------------------

    @Test
    void whoStopsFinishesWhatItHasAndLeavesNoTrace() throws Exception {
        var go = new CountDownLatch(1);
        push("q", hello(1), hello(2));
        ResqueWorker worker = work("q", 1, (self, job) -> {
            await().atMost(Duration.ofSeconds(60)).until(() -> go.getCount() == 0);
            self.done(job);
        });
        soon().until(() -> seen.size() == 1);
        worker.stop();
        go.countDown();

        assertThat(worker.awaitGone(Duration.ofSeconds(60))).isTrue();
        assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(1);
        assertThat(redis.list("LRANGE", "resque:queue:q", "0", "-1")).containsExactly(hello(2));
        assertThat(redis.list("KEYS", "resque:*").stream().sorted())
                .containsExactly("resque:queue:q", "resque:queues", "resque:stat:processed");
    }

    @Test
    void whoHasNoTimeGivesBackTheBytesInTheirOrder() {
        IntStream.range(0, 5).forEach(i -> push("q", hello(i) + " "));
        ResqueWorker worker = work("q", 3, (self, job) -> {});
        soon().until(() -> seen.size() == 3);
        worker.close();

        assertThat(redis.list("LRANGE", "resque:queue:q", "0", "-1"))
                .containsExactly(hello(0) + " ", hello(1) + " ", hello(2) + " ", hello(3) + " ", hello(4) + " ");
        assertThat(redis.number("SCARD", "resque:workers")).isZero();
        assertThat(privateKeys()).isEmpty();
    }

    /** What a killed process leaves: here its worker just never says anything again. */
    @Test
    void theNextRunTakesOverWhatTheRunBeforeHad() {
        IntStream.range(0, 5).forEach(i -> push("q", hello(i)));
        ResqueWorker killed = work(resque("home"), "q", 3, (self, job) -> {});
        soon().until(() -> seen.size() == 3);
        Resque next = resque("home");
        resque("another").reap();
        assertThat(redis.number("LLEN", "resque:queue:q")).isEqualTo(2);

        next.reap();
        assertThat(redis.list("LRANGE", "resque:queue:q", "0", "-1"))
                .containsExactly(hello(0), hello(1), hello(2), hello(3), hello(4));
        assertThat(redis.number("SCARD", "resque:workers")).isZero();

        // It lives after all: what it says now counts for nothing, since another has the jobs.
        seen.forEach(killed::done);
        await().pollDelay(Duration.ofMillis(300)).until(() -> true);
        assertThat(redis.number("GET", "resque:stat:processed")).isZero();
    }

    @Test
    void aNodeThatIsSeenKeepsItsJobsAndOneThatIsSilentLosesThem() throws Exception {
        var hangs = new CountDownLatch(1);
        var self = new ResqueWorker[1];
        push("q", hello(1), hello(2));
        self[0] = resque("here", QUICK)
                .worker(RESQUE, QueueList.parse("q"), new ResqueWorker.Options(1, Duration.ofMillis(20), null), job -> {
                    seen.add(job);
                    if (seen.size() == 2) {
                        // On its own thread, so nothing more is heard of it, as of a process that was stopped.
                        hold(hangs);
                    }
                    self[0].done(job);
                });
        workers.add(self[0]);
        ResqueWorker busy = work(resque("busy", QUICK), "other", 1, (worker, job) -> {});
        push("other", hello(3));
        soon().until(() -> seen.stream().anyMatch(job -> job.queue().equals("other")));
        seen.clear();
        Resque third = resque("third", QUICK);
        self[0].start();
        soon().until(() -> seen.size() == 2);

        // The one that hangs is found after a while in which the one that is busy was looked at as often.
        soon().until(() -> {
            third.reap();
            return redis.list("LRANGE", "resque:queue:q", "0", "-1").equals(List.of(hello(2)));
        });
        assertThat(redis.list("HKEYS", "resque:caravan:nodes"))
                .singleElement()
                .asString()
                .startsWith("busy.");
        assertThat(redis.list("SMEMBERS", "resque:workers")).containsExactly("fe80--1-vm-caravan:4711-0:other");
        long until = redisTime() + 4;
        soon().until(() -> {
            third.reap();
            return redisTime() > until;
        });
        assertThat(redis.number("LLEN", "resque:queue:other")).isZero();
        assertThat(redis.number("HLEN", "resque:caravan:inflight:" + node())).isEqualTo(1);
        assertThat(busy.awaitGone(Duration.ZERO)).isFalse();

        // What was dead comes to itself: the job is another's, and it may have it again.
        hangs.countDown();
        awaitProcessed(2);
        assertThat(seen).hasSize(3);
    }

    private static void hold(CountDownLatch until) {
        try {
            until.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aJobThatKillsItsWorkersFailsInTheEnd() {
        push("q", hello("\"bad\""));
        for (int death = 0; death < ResqueWorker.MOST_RETURNS; death++) {
            int before = seen.size();
            ResqueWorker killed = work(resque("home"), "q", 1, (self, job) -> {});
            soon().until(() -> seen.size() == before + 1);
            killed.stop();
            resque("home").reap();
        }
        push("q", hello("\"good\""));
        work(resque("home"), "q", 1, ResqueWorker::done);
        awaitProcessed(2);

        assertThat(failed()).singleElement().satisfies(record -> {
            assertThat(record.path("exception").asText()).isEqualTo("WorkerDied");
            assertThat(record.path("payload")).isEqualTo(json(hello("\"bad\"")));
        });
        assertThat(redis.number("EXISTS", "resque:caravan:returns")).isZero();
    }

    @Test
    void aRedisThatIsKilledUnderLoadLosesNoJobAndIsToldAgainWhoIsThere() throws Exception {
        int jobs = 2_000;
        IntStream.range(0, jobs).forEach(i -> push("q", hello(i)));
        var done = ConcurrentHashMap.<String>newKeySet();
        work("q", 8, (worker, job) -> {
            done.add(job.payload().args());
            worker.done(job);
        });
        for (int round = 0; round < 2; round++) {
            int some = done.size() + 100;
            soon().until(() -> done.size() >= Math.min(some, jobs));
            redis.kill();
            redis.restart();
        }
        soon().until(() -> done.size() == jobs);
        soon().until(() -> redis.number("LLEN", "resque:queue:q") == 0);
        soon().until(() -> redis.number("HLEN", "resque:caravan:inflight:" + node()) == 0);

        // A step whose answer was lost is asked for again, and is not done twice.
        assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(jobs);
        assertThat(redis.number("SCARD", "resque:workers")).isEqualTo(8);
    }

    // ---- Jobs that are calls ---------------------------------------------------------------------------------------

    @Test
    void aJobThatIsACallIsOverWhenTheCallIs() {
        push("q", hello(1), hello(2), hello(3));
        work("q", 1, (worker, job) -> worker.handedOver(job, job.token()));
        soon().until(() -> redis.number("HLEN", "resque:caravan:handed") == 3);
        assertThat(redis.number("GET", "resque:stat:processed")).isZero();
        List<Job> taken = List.copyOf(seen);

        calls.end(taken.get(0).token());
        calls.end(taken.get(1).token(), new Failure("Caravan::Rejected", "400", List.of(), Map.of("httpStatus", 400)));
        awaitProcessed(2);
        assertThat(failed()).singleElement().satisfies(record -> {
            assertThat(record.path("payload")).isEqualTo(json(hello(2)));
            assertThat(record.path("httpStatus").asInt()).isEqualTo(400);
            assertThat(record.path("worker").asText()).isEqualTo("fe80--1-vm-caravan:4711-0:q");
        });
        assertThat(redis.list("HKEYS", "resque:caravan:handed"))
                .containsExactly(taken.get(2).token());
    }

    @Test
    void whoIsToEndWhenAllIsDoneWaitsForCallsToo() throws Exception {
        push("q", hello(1));
        var complete = new CountDownLatch(1);
        var self = new ResqueWorker[1];
        self[0] = resque("here")
                .worker(
                        RESQUE,
                        QueueList.parse("q"),
                        new ResqueWorker.Options(1, Duration.ofMillis(20), complete::countDown),
                        job -> {
                            seen.add(job);
                            self[0].handedOver(job, job.token());
                        });
        workers.add(self[0]);
        self[0].start();
        soon().until(() -> redis.number("HLEN", "resque:caravan:handed") == 1);
        assertThat(complete.await(300, TimeUnit.MILLISECONDS)).isFalse();

        // By another node, so nobody here is told.
        calls.ends.put(seen.element().token(), new JobCalls.Ended(Optional.empty()));
        assertThat(complete.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(1);
    }

    @Test
    void aCallThatEndedUnseenIsSettledByTheNextRun() {
        push("q", hello(1), hello(2));
        ResqueWorker killed = work(resque("home"), "q", 2, (worker, job) -> {
            if (job.payload().args().equals("[1]")) {
                worker.handedOver(job, job.token());
            } else {
                // Its call was accepted, and the process died before it could say so.
                calls.whenOver(job.token(), () -> {});
            }
        });
        soon().until(() -> redis.number("HLEN", "resque:caravan:handed") == 1 && seen.size() == 2);
        killed.stop();
        Resque next = resque("home");
        next.reap();
        assertThat(redis.number("LLEN", "resque:queue:q")).isZero();
        assertThat(redis.number("HLEN", "resque:caravan:handed")).isEqualTo(2);
        next.settle();
        assertThat(redis.number("HLEN", "resque:caravan:handed")).isEqualTo(2);

        seen.forEach(job -> calls.ends.put(
                job.token(),
                new JobCalls.Ended(
                        job.payload().args().equals("[1]") ? Optional.empty() : Optional.of(new Failure("E", "e")))));
        next.settle();
        next.settle();
        assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(2);
        assertThat(redis.number("GET", "resque:stat:failed")).isEqualTo(1);
        assertThat(failed()).hasSize(1);
        assertThat(redis.number("EXISTS", "resque:caravan:handed")).isZero();
    }

    private static Failure death(int generation, String call) {
        return new Failure("Caravan::Rejected", "400", List.of(), Map.of("callId", call, "generation", generation));
    }

    /** One that was a call and died; gives the call. */
    private String deadCall(Resque resque, String payload) {
        push("q", payload);
        work(resque, "q", 1, (worker, job) -> worker.handedOver(job, job.token()));
        soon().until(() -> seen.size() == 1 && redis.number("HLEN", "resque:caravan:handed") == 1);
        String call = seen.element().token();
        calls.end(call, death(1, call));
        awaitProcessed(1);
        return call;
    }

    @Test
    void aReplayOfTheDeadLetterMarksTheRecordAndItsEndIsToldOnceMore() {
        Resque resque = resque("here");
        String payload = "{\"class\":\"Hello\", \"args\":[12345678901234567890],\"id\":7}";
        String call = deadCall(resque, payload);
        resque.keepInStep();
        assertThat(failed().get(0).has("retried_at")).isFalse();

        calls.replay(call);
        resque.keepInStep();
        JsonNode record = failed().get(0);
        assertThat(record.path("retried_at").asText()).matches("\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d UTC");
        assertThat(redis.list("LRANGE", "resque:failed", "0", "-1").get(0)).contains("\"payload\":" + payload + ",");
        assertThat(redis.list("HKEYS", "resque:caravan:handed")).containsExactly(call);
        calls.end(call, death(2, call));
        resque.settle();
        assertThat(failed()).hasSize(2);
        assertThat(failed().get(1).path("payload")).isEqualTo(json(payload));
        assertThat(redis.number("GET", "resque:stat:failed")).isEqualTo(2);

        calls.replay(call);
        resque.keepInStep();
        calls.end(call);
        resque.settle();
        resque.keepInStep();
        assertThat(failed()).hasSize(2).allMatch(one -> one.has("retried_at"));
        assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(3);
        assertThat(redis.number("EXISTS", "resque:caravan:dead", "resque:caravan:handed"))
                .isZero();
        assertThat(calls.elsewhere).isEmpty();
    }

    @Test
    void aRetryInResqueWebTakesTheDeadLetterAway() {
        Resque resque = resque("here");
        String call = deadCall(resque, hello(1));
        String record = redis.list("LRANGE", "resque:failed", "0", "-1").get(0);

        redis.ask("LSET", "resque:failed", "0", record.replaceFirst("}$", ",\"retried_at\":\"2026/11/21 10:00:00\"}"));
        resque.keepInStep();
        resque.keepInStep();

        assertThat(calls.elsewhere).containsExactly(call + ".1");
        assertThat(redis.number("EXISTS", "resque:caravan:dead", "resque:caravan:handed"))
                .isZero();
    }

    @Test
    void aRecordThatIsGoneIsForgottenAndOneOfAnotherCaravansLeftAlone() {
        Resque resque = resque("here");
        deadCall(resque, hello(1));
        redis.ask("DEL", "resque:failed");
        redis.ask("RPUSH", "resque:failed", "junk", "{\"callId\":\"theirs\",\"retried_at\":\"x\"}");
        redis.ask("SADD", "resque:caravan:dead", "theirs");
        resque.keepInStep();

        assertThat(redis.list("SMEMBERS", "resque:caravan:dead")).containsExactly("theirs");
        assertThat(calls.elsewhere).isEmpty();
    }

    @Test
    void whatIsDoneIsCountedHereToo() {
        Resque resque = resque("here");
        push("q", hello(1), hello(2), "junk");
        work(resque, "q", 1, (worker, job) -> {
            if (job.payload().args().equals("[1]")) {
                worker.done(job);
            } else {
                worker.failed(job, new Failure("E", "e"));
            }
        });
        awaitProcessed(3);

        soon().until(() -> resque.tally().processed() == 3);
        assertThat(resque.tally().taken()).isEqualTo(3);
        assertThat(resque.tally().failed()).isEqualTo(2);
        soon().until(() -> resque.tally().running() == 0);
    }

    @Test
    void aJobThatNobodyCouldTakeGoesBackAndIsTriedAgain() {
        push("q", hello(1));
        work("q", 1, (worker, job) -> {
            if (seen.size() == 1) {
                worker.giveBack(job);
            } else {
                worker.done(job);
            }
        });
        awaitProcessed(1);

        assertThat(seen).hasSize(2);
        assertThat(failed()).isEmpty();
    }

    // ---- Putting ---------------------------------------------------------------------------------------------------

    @Test
    void aJobIsPutThereWithRubysBytes() {
        Resque resque = resque("here");
        resque.push(RESQUE, Duration.ZERO, "q", "Billing::Charge", "[ 12345678901234567890, \"<ä/>\" ]");

        assertThat(redis.list("LRANGE", "resque:queue:q", "0", "-1"))
                .containsExactly("{\"class\":\"Billing::Charge\",\"args\":[12345678901234567890,\"<ä/>\"]}");
        assertThat(redis.list("SMEMBERS", "resque:queues")).containsExactly("q");
    }

    @Test
    void aJobForLaterStandsWhereSchedulersLook() {
        resque("here").push(RESQUE, Duration.ofHours(1), "q", "Hello", "[1]");

        String due =
                redis.list("ZRANGE", "resque:delayed_queue_schedule", "0", "-1").get(0);
        String item = "{\"class\":\"Hello\",\"args\":[1],\"queue\":\"q\"}";
        assertThat(Long.parseLong(due)).isBetween(redisTime() + 3_500, redisTime() + 3_700);
        assertThat(redis.text("ZSCORE", "resque:delayed_queue_schedule", due)).isEqualTo(due);
        assertThat(redis.list("LRANGE", "resque:delayed:" + due, "0", "-1")).containsExactly(item);
        assertThat(redis.list("SMEMBERS", "resque:timestamps:" + item)).containsExactly("delayed:" + due);
        assertThat(redis.number("EXISTS", "resque:queues")).isZero();
    }

    private static void delay(String second, String... items) {
        for (String item : items) {
            redis.ask("RPUSH", "resque:delayed:" + second, item);
            redis.ask("SADD", "resque:timestamps:" + item, "delayed:" + second);
            redis.ask("ZADD", "resque:delayed_queue_schedule", second, second);
        }
    }

    @Test
    void whatIsDueGoesToItsQueueAndWhatIsNotWaits() {
        String big = "{\"class\":\"Hello\",\"args\":[12345678901234567890],\"queue\":\"q\"}";
        String later = "{\"class\":\"Later\",\"args\":[],\"queue\":\"q\"}";
        delay("1", IntStream.range(0, 150).mapToObj(i -> big).toArray(String[]::new));
        delay("2", "{\"class\":\"NoQueue\",\"args\":[]}", "junk", big.replace("\"q\"", "\"p\""));
        delay("99999999999", later);
        Resque resque = resque("here");
        resque.moveDue();

        assertThat(redis.list("LRANGE", "resque:queue:q", "0", "-1"))
                .hasSize(150)
                .containsOnly(big);
        assertThat(redis.number("LLEN", "resque:queue:p")).isEqualTo(1);
        assertThat(redis.list("SMEMBERS", "resque:queues")).containsExactlyInAnyOrder("p", "q");
        assertThat(failed()).hasSize(2).allSatisfy(record -> {
            assertThat(record.path("exception").asText()).isEqualTo("InvalidPayload");
            assertThat(record.path("worker").isTextual()).isTrue();
        });
        assertThat(redis.list("KEYS", "resque:*").stream().sorted())
                .containsExactly(
                        "resque:delayed:99999999999",
                        "resque:delayed_queue_schedule",
                        "resque:failed",
                        "resque:queue:p",
                        "resque:queue:q",
                        "resque:queues",
                        "resque:timestamps:" + later);
    }
}
