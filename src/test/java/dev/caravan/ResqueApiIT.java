package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.Contract;
import dev.caravan.testing.Contract.Operation;
import dev.caravan.testing.RedisServer;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What stands in Resque's Redis is shown and acted upon below {@code /system/resque}; a failure there and a dead letter here
 * that are about the same job are of one mind, whoever tries it again.
 */
class ResqueApiIT {

    private static final String OVERVIEW = "/system/resque";
    private static final String FAILURES = "/system/resque/failures";

    /** All that was seen in answers, by the names of the contract. */
    private static final Set<String> SEEN = new TreeSet<>();

    @TempDir
    static Path folder;

    private static final TestServer SERVER = TestServer.with();
    private static RedisServer redis;

    @BeforeAll
    static void start() throws Exception {
        redis = RedisServer.start(folder);
        SERVER.set("CARAVAN_REDIS_URL=" + redis.url())
                .set("CARAVAN_RESQUE_QUEUES=low,high")
                .start();
        Files.writeString(folder.resolve("mail.sh"), "cat > /dev/null; test -e " + mended());
        SERVER.deployAs("mail", "sh " + folder.resolve("mail.sh"), Map.of(), "com.openfaas.retry.attempts=0");
        SERVER.awaitReplica("mail");
    }

    @AfterAll
    static void stop() {
        SERVER.close();
        if (redis != null) {
            redis.close();
        }
    }

    @BeforeEach
    void clean() throws Exception {
        Files.deleteIfExists(mended());
        redis.ask("DEL", "resque:failed", "resque:caravan:dead", "resque:stat:processed", "resque:stat:failed");
    }

    /** While it is there, the function does its work. */
    private static Path mended() {
        return folder.resolve("mended");
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    private static Reply ask(String verb, String path) {
        Reply reply = SERVER.system(verb, path, "");
        String plain = path.replaceFirst("\\?.*", "");
        Contract.SERVED.operations().stream()
                .filter(Operation::ofResque)
                .filter(each -> each.verb().equals(verb)
                        && plain.matches(
                                each.path().replaceAll("\\{[^}]+}", "[^/]+").replace(".", "\\.")))
                .forEach(each -> SEEN.addAll(Contract.SERVED.fieldsOf(each, reply)));
        return reply;
    }

    private static JsonNode get(String path) {
        Reply reply = ask("GET", path);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json();
    }

    private static void push(String queue, String job) {
        redis.ask("SADD", "resque:queues", queue);
        redis.ask("RPUSH", "resque:queue:" + queue, job);
    }

    private static String failed(String payload) {
        return "{\"failed_at\":\"2026/11/21 20:00:00 UTC\",\"payload\":" + payload
                + ",\"exception\":\"E\",\"error\":\"e\","
                + "\"backtrace\":[\"here\",\"there\"],\"worker\":\"vm:1:q\",\"queue\":\"low\"}";
    }

    private static JsonNode failures() {
        return get(FAILURES).path("items");
    }

    private static void awaitProcessed(long count) {
        soon().untilAsserted(() ->
                assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(count));
    }

    /** One whose call is dead; gives its record. */
    private static JsonNode deadJob() {
        push("low", "{\"class\":\"Mail\",\"args\":[12345678901234567890,1.10]}");
        awaitProcessed(1);
        JsonNode failure = failures().get(0);
        String letter = failure.path("callId").asText() + ".1";
        assertThat(SERVER.system("/system/dead-letters/" + letter).status()).isEqualTo(200);
        return failure;
    }

    // ---- One story -------------------------------------------------------------------------------------------------

    @Test
    void aRetryOfAFailureSendsItsDeadCallRoundAgain() throws Exception {
        JsonNode failure = deadJob();
        assertThat(failure.path("args").asText()).isEqualTo("[12345678901234567890,1.10]");
        assertThat(failure.path("exception").asText()).isEqualTo("Caravan::AttemptsExhausted");
        assertThat(failure.path("canRetry").asBoolean()).isTrue();
        Files.createFile(mended());

        Reply retried = ask("POST", FAILURES + "/" + failure.path("id").asText() + "/retry");
        assertThat(retried.status()).as(retried.toString()).isEqualTo(202);
        assertThat(retried.json().path("retried").asText()).isEqualTo("call");
        awaitProcessed(2);

        String call = failure.path("callId").asText();
        assertThat(retried.json().path("callId").asText()).isEqualTo(call);
        assertThat(SERVER.system("/system/calls/" + call).json().path("status").asText())
                .isEqualTo("succeeded");
        assertThat(SERVER.deadLetters("mail"))
                .noneMatch(letter -> letter.path("callId").asText().equals(call));
        JsonNode after = failures().get(0);
        assertThat(after.path("retriedAt").asText()).endsWith("UTC");
        assertThat(after.path("canRetry").asBoolean()).isFalse();
        assertThat(ask("POST", FAILURES + "/" + after.path("id").asText() + "/retry")
                        .status())
                .isEqualTo(409);
        assertThat(ask("POST", FAILURES + "/" + failure.path("id").asText() + "/retry")
                        .status())
                .isEqualTo(404);
        JsonNode audit = SERVER.system("/system/audit?action=retry-resque-failure")
                .json()
                .path("items");
        assertThat(audit).anySatisfy(entry -> {
            assertThat(entry.path("status").asInt()).isEqualTo(202);
            assertThat(entry.path("subject").asText()).isEqualTo("Mail");
        });
    }

    @Test
    void aReplayOfTheDeadLetterMarksTheFailureAndAnotherDeathIsAnotherRecord() {
        String call = deadJob().path("callId").asText();
        assertThat(SERVER.system("POST", "/system/dead-letters/" + call + ".1/replay", "")
                        .status())
                .isEqualTo(202);

        soon().until(() -> redis.number("LLEN", "resque:failed") == 2);
        assertThat(failures().get(1).has("retriedAt")).isTrue();
        assertThat(failures().get(0).has("retriedAt")).isFalse();
        assertThat(failures().get(0).path("callId").asText()).isEqualTo(call);
        assertThat(redis.number("GET", "resque:stat:failed")).isEqualTo(2);
    }

    @Test
    void aRetryInResqueWebTakesTheDeadLetterAwayForADay() {
        String call = deadJob().path("callId").asText();
        String record = redis.list("LRANGE", "resque:failed", "0", "-1").get(0);
        redis.ask("LSET", "resque:failed", "0", record.replaceFirst("}$", ",\"retried_at\":\"2026/11/21 10:00:00\"}"));

        soon().until(() -> SERVER.system("/system/dead-letters/" + call + ".1").status() == 404);
        assertThat(SERVER.system("POST", "/system/dead-letters/" + call + ".1/restore", "")
                        .status())
                .isEqualTo(202);
    }

    @Test
    void aRouteMayCallTheFunctionAtOnceAsGoworkerDoes() throws Exception {
        Path file = SERVER.routes().resolve("bridge/take-resque-job.camel.yaml");
        String shipped = Files.readString(file);
        Files.writeString(file, shipped.replace("uri: direct:queue-call", "uri: function:*"));
        try {
            awaitRoute("function:*");
            push("low", "{\"class\":\"Mail\",\"args\":[]}");
            awaitProcessed(1);
            JsonNode failure = failures().get(0);
            assertThat(failure.path("exception").asText()).isEqualTo("FunctionFailed");
            assertThat(failure.path("error").asText()).startsWith("mail answered 500");
            assertThat(failure.has("callId")).isFalse();

            Files.createFile(mended());
            ask("POST", FAILURES + "/" + failure.path("id").asText() + "/retry");
            awaitProcessed(2);
            assertThat(redis.number("GET", "resque:stat:failed")).isEqualTo(1);
        } finally {
            Files.writeString(file, shipped);
            awaitRoute("direct:queue-call");
        }
    }

    private static void awaitRoute(String target) {
        soon().until(() ->
                SERVER.system("/system/routes/take-resque-job").text().contains(target));
    }

    // ---- As resque-web ---------------------------------------------------------------------------------------------

    @Test
    void aFailureOfAnotherWorkersIsPushedAgainRemovedAndTheRestCleared() throws Exception {
        Files.createFile(mended());
        redis.ask("RPUSH", "resque:failed", "junk", failed("{\"class\":\"Mail\",\"args\":[]}"), failed("7"));
        JsonNode page = get(FAILURES + "?limit=1");
        assertThat(page.path("total").asInt()).isEqualTo(3);
        JsonNode mail = get(FAILURES + "?limit=1&cursor=" + page.path("next").asText())
                .path("items")
                .get(0);
        assertThat(mail.path("class").asText()).isEqualTo("Mail");
        JsonNode junk = failures().get(2);
        assertThat(junk.path("problem").asText()).isEqualTo("it is not JSON");
        assertThat(junk.path("text").asText()).isEqualTo("junk");

        Reply retried = ask("POST", FAILURES + "/" + mail.path("id").asText() + "/retry");
        assertThat(retried.json().path("retried").asText()).isEqualTo("job");
        awaitProcessed(1);
        assertThat(ask("POST", FAILURES + "/" + junk.path("id").asText() + "/retry")
                        .status())
                .isEqualTo(409);
        assertThat(ask("DELETE", FAILURES + "/" + junk.path("id").asText()).status())
                .isEqualTo(202);
        assertThat(ask("DELETE", FAILURES + "/" + junk.path("id").asText()).status())
                .isEqualTo(404);
        assertThat(ask("DELETE", FAILURES + "?confirm=3").text()).contains("say confirm=2");
        assertThat(ask("DELETE", FAILURES + "?confirm=2").json().path("removed").asInt())
                .isEqualTo(2);
        assertThat(redis.number("EXISTS", "resque:failed")).isZero();
        assertThat(SERVER.system("/system/audit?action=delete-resque-failures")
                        .json()
                        .path("items")
                        .get(0)
                        .path("affected")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void everythingIsShownWhoeverWroteItAndWhateverItIs() {
        soon().until(() -> redis.number("SCARD", "resque:workers") == 25);
        redis.ask("SADD", "resque:workers", "foo", "vm:3:*");
        redis.ask(
                "SET",
                "resque:worker:vm:3:*",
                "{\"queue\":\"q\",\"run_at\":\"2026-11-21T21:06:43Z\",\"payload\":{\"class\":\"A\",\"args\":[1.10]}}");
        redis.ask("ZADD", "resque:queue:odd", "1", "x");
        redis.ask("SADD", "resque:queues", "odd", "elsewhere");
        redis.ask("RPUSH", "resque:queue:elsewhere", "{\"class\":\"A\",\"args\":[]}");
        redis.ask("ZADD", "resque:delayed_queue_schedule", "99999999999", "99999999999", "1", "never");
        redis.ask("RPUSH", "resque:delayed:99999999999", "{\"class\":\"B\",\"args\":[7],\"queue\":\"q\"}");
        redis.ask("SET", "resque:stat:processed", "40");
        try {
            JsonNode workers = get("/system/resque/workers");
            assertThat(workers)
                    .hasSize(27)
                    .anySatisfy(
                            worker -> assertThat(worker.path("id").asText()).matches(".+-caravan:[\\d.]+-0:low,high"));
            assertThat(get("/system/resque/queues"))
                    .anySatisfy(
                            queue -> assertThat(queue.path("problem").asText()).isEqualTo("it is not a list"));
            assertThat(get("/system/resque/delayed?limit=5").path("total").asInt())
                    .isEqualTo(2);
            assertThat(get(OVERVIEW).path("pending").asInt()).isEqualTo(1);
            assertThat(ask("GET", "/system/resque/stats.txt").text())
                    .startsWith("resque.pending=1\nresque.processed+=40\nresque.failed+=0\n"
                            + "resque.workers=27\nresque.working=1\nqueues.elsewhere=1\n");
        } finally {
            redis.ask("SREM", "resque:workers", "foo", "vm:3:*");
            redis.ask("DEL", "resque:worker:vm:3:*", "resque:queue:odd", "resque:queue:elsewhere");
            redis.ask("SREM", "resque:queues", "odd", "elsewhere");
            redis.ask("DEL", "resque:delayed_queue_schedule", "resque:delayed:99999999999");
        }
    }

    @Test
    void whatIsTakenHereIsCountedHere() {
        assertThat(ask("POST", OVERVIEW + "/pause").json().path("paused").asBoolean())
                .isTrue();
        push("low", "no job");
        long before = get(OVERVIEW).path("here").path("taken").asLong();
        soon().until(() -> SERVER.metric("caravan_resque_queue_depth{queue=\"low\"}") == 1);
        assertThat(redis.number("LLEN", "resque:queue:low")).isEqualTo(1);
        assertThat(ask("POST", OVERVIEW + "/resume").json().path("paused").asBoolean())
                .isFalse();
        awaitProcessed(1);

        JsonNode here = get(OVERVIEW).path("here");
        assertThat(here.path("taken").asLong()).isEqualTo(before + 1);
        assertThat(here.path("failed").asLong()).isPositive();
        assertThat(SERVER.metric("caravan_resque_jobs_taken_total")).isEqualTo(before + 1);
    }

    /** Of the whole class, so it makes by itself what the other tests have made. */
    @Test
    void everyFieldThatIsDocumentedIsAnswered() throws Exception {
        aRetryOfAFailureSendsItsDeadCallRoundAgain();
        clean();
        aFailureOfAnotherWorkersIsPushedAgainRemovedAndTheRestCleared();
        clean();
        everythingIsShownWhoeverWroteItAndWhateverItIs();

        assertThat(SEEN)
                .containsAll(Contract.SERVED.answeredFields(Operation::ofResque).stream()
                        .filter(field -> !field.startsWith("Problem/"))
                        .toList());
    }
}
