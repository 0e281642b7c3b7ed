package dev.caravan.resque;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.resque.Failures.Retried;
import dev.caravan.resque.ResqueView.Queue;
import dev.caravan.resque.ResqueView.Worker;
import dev.caravan.testing.RedisServer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stands in a real Redis is looked at and tidied, whoever wrote it and whatever it is. */
@Timeout(120)
class FailuresTest {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-21T21:06:40Z"));

    @TempDir
    static Path folder;

    private static RedisServer redis;

    private Resque resque;
    private Failures failures;

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
    void open() {
        redis.ask("FLUSHALL");
        resque = new Resque(
                RedisAddress.parse(redis.url()), new Namespace("resque"), "here", "vm", 1, JobCalls.NONE, CLOCK);
        failures = resque.failures();
    }

    @AfterEach
    void close() {
        resque.close();
    }

    private static String failed(Object args, String more) {
        return "{\"failed_at\":\"2026/11/21 20:00:00 UTC\",\"payload\":{\"class\":\"Hello\",\"args\":[" + args
                + "], \"id\":1e400},\"exception\":\"E\",\"error\":\"e\",\"backtrace\":null,"
                + "\"worker\":\"vm:1:q\",\"queue\":\"q\"" + more + "}";
    }

    private static void record(String... records) {
        for (String record : records) {
            redis.ask("RPUSH", "resque:failed", record);
        }
    }

    private static List<String> records() {
        return redis.list("LRANGE", "resque:failed", "0", "-1");
    }

    private FailedJob newest() {
        return failures.newest(Long.MAX_VALUE, 1).get(0);
    }

    // ---- Looking ---------------------------------------------------------------------------------------------------

    @Test
    void pagesGoFromTheNewestToTheOldestAndNewOnesShiftNone() {
        IntStream.range(0, 7).forEach(i -> record(failed(i, "")));
        List<FailedJob> first = failures.newest(Long.MAX_VALUE, 3);
        record(failed(7, ""));
        List<FailedJob> second = failures.newest(first.get(2).position(), 3);
        List<FailedJob> last = failures.newest(second.get(2).position(), 3);

        var args = new ArrayList<String>();
        for (List<FailedJob> page : List.of(first, second, last)) {
            page.forEach(one -> args.add(one.job().orElseThrow().args()));
        }
        assertThat(args).containsExactly("[6]", "[5]", "[4]", "[3]", "[2]", "[1]", "[0]");
        assertThat(failures.newest(0, 3)).isEmpty();
    }

    @Test
    void recordsThatBreakOtherToolsAreShownAsSuch() {
        record(
                "junk",
                "[1]",
                "{}",
                failed(1, "").replace("\"2026/11/21 20:00:00 UTC\"", "1700000000"),
                failed(1, "").replace("\"vm:1:q\"", "7"),
                failed(1, "").replace("null", "\"one line\""),
                failed(1, "").replace("{\"class\":\"Hello\",\"args\":[1], \"id\":1e400}", "[]"),
                failed(1, ""));

        assertThat(failures.newest(Long.MAX_VALUE, 10))
                .extracting(FailedJob::problem)
                .containsExactly(
                        "",
                        "it has no payload",
                        "its backtrace is no list",
                        "it does not say which worker, as text",
                        "it does not say when, as text in failed_at",
                        "it does not say when, as text in failed_at",
                        "it is not a JSON object",
                        "it is not JSON");
        assertThat(newest().payload()).isEqualTo("{\"class\":\"Hello\",\"args\":[1], \"id\":1e400}");
    }

    @Test
    void whatOthersWroteIsReadHoweverTheyWroteIt() {
        redis.ask("SADD", "resque:queues", "b", "a", "odd");
        redis.ask("RPUSH", "resque:queue:a", "1", "2");
        redis.ask("ZADD", "resque:queue:odd", "1", "x");
        redis.ask("SADD", "resque:workers", "foo", "vm:1:q", "vm:2:q", "vm:3:*");
        redis.ask("SET", "resque:worker:vm:1:q", "garbage");
        redis.ask("SET", "resque:worker:vm:2:q", "{\"queue\":\"x\"}");
        redis.ask(
                "SET",
                "resque:worker:vm:3:*",
                "{\"queue\":\"q\",\"run_at\":\"2026-11-21T21:06:43Z\",\"payload\":{\"class\":\"A\",\"args\":[1.10]}}");
        redis.ask("SET", "resque:worker:vm:3:*:started", "2026-11-21 21:06:40 +0000");
        redis.ask("HSET", "resque:workers:heartbeat", "vm:3:*", "2026-11-21T21:06:40+00:00");
        redis.ask("SET", "resque:stat:processed:vm:3:*", "17");
        redis.ask("SET", "resque:stat:processed", "40");
        redis.ask("SET", "resque:stat:failed", "not a number");
        redis.ask("SET", "resque:pause-all-workers", " TRUE ");
        redis.ask("ZADD", "resque:delayed_queue_schedule", "99999999999", "99999999999", "1", "never");
        redis.ask("RPUSH", "resque:delayed:99999999999", "{\"class\":\"B\",\"args\":[],\"queue\":\"q\"}", "x");

        assertThat(resque.view().queues())
                .containsExactly(new Queue("a", 2, ""), new Queue("b", 0, ""), new Queue("odd", 0, "it is not a list"));
        List<Worker> workers = resque.view().workers();
        assertThat(workers).extracting(Worker::id).containsExactly("foo", "vm:1:q", "vm:2:q", "vm:3:*");
        assertThat(workers)
                .extracting(Worker::problem)
                .containsExactly(
                        "its id is not host:pid:queues, so no Ruby worker starts",
                        "what it works on is not JSON",
                        "it works on no payload",
                        "");
        assertThat(workers.get(3))
                .isEqualTo(new Worker(
                        "vm:3:*",
                        "2026-11-21 21:06:40 +0000",
                        "2026-11-21T21:06:40+00:00",
                        17,
                        0,
                        "q",
                        "2026-11-21T21:06:43Z",
                        new Payload("A", "[1.10]"),
                        ""));
        assertThat(resque.view().counters()).isEqualTo(new ResqueView.Counters(40, 0, 0, 4, 3, 2, 0, true));
        assertThat(resque.view().delayed(5))
                .extracting(ResqueView.Delayed::jobs)
                .containsExactly(0L, 2L);
        assertThat(resque.view().delayed(5).get(0).at()).isNull();
        assertThat(resque.view().delayed(1)).hasSize(1);
    }

    // ---- Trying again, and tidying ---------------------------------------------------------------------------------

    @Test
    void aRetryPutsTheBytesOnTheQueueAndMarksTheRecord() {
        record(failed("\"" + "é\\/" + "\"", ",\"callId\":\"gone\""));

        assertThat(failures.retry(newest(), call -> false)).isEqualTo(Retried.JOB);

        assertThat(redis.list("LRANGE", "resque:queue:q", "0", "-1"))
                .containsExactly("{\"class\":\"Hello\",\"args\":[\"é\\/\"], \"id\":1e400}");
        assertThat(redis.list("SMEMBERS", "resque:queues")).containsExactly("q");
        assertThat(records())
                .containsExactly(failed(
                        "\"" + "é\\/" + "\"", ",\"callId\":\"gone\",\"retried_at\":\"2026/11/21 21:06:40 UTC\""));
        assertThatThrownBy(() -> failures.retry(newest(), call -> false))
                .hasMessage("it was retried already, at 2026/11/21 21:06:40 UTC");
        assertThat(redis.number("LLEN", "resque:queue:q")).isEqualTo(1);
    }

    @Test
    void aRetryOfWhatWasACallHereSendsThatRoundAgain() {
        record(failed(1, ",\"callId\":\"known\",\"generation\":1,\"retried_at\":null"));

        assertThat(failures.retry(newest(), "known"::equals)).isEqualTo(Retried.CALL);

        assertThat(redis.number("EXISTS", "resque:queue:q")).isZero();
        assertThat(redis.list("HKEYS", "resque:caravan:handed")).containsExactly("known");
        assertThat(newest().retriedAt()).isEqualTo("2026/11/21 21:06:40 UTC");
    }

    @Test
    void whatHoldsNoJobIsNotTriedAgain() {
        record("junk");
        assertThatThrownBy(() -> failures.retry(newest(), call -> true))
                .hasMessage("there is no job in it that could be tried again");
        record(failed(1, "").replace("\"E\"", "\"InvalidPayload\""));
        assertThatThrownBy(() -> failures.retry(newest(), call -> true)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void oneIsFoundWhereverItStandsByNowAndTheOthersStay() {
        IntStream.range(0, 500).forEach(i -> record(failed(i, "")));
        FailedJob one = failures.newest(400, 1).get(0);
        redis.ask("LPOP", "resque:failed");

        assertThat(failures.remove(one)).isFalse();
        FailedJob found = failures.find(one.id()).orElseThrow();
        assertThat(found.position()).isEqualTo(398);
        assertThat(failures.remove(found)).isTrue();
        assertThat(failures.remove(found)).isFalse();
        assertThat(failures.find(one.id())).isEmpty();
        assertThat(failures.retry(found, call -> false)).isEqualTo(Retried.GONE);
        assertThat(failures.find("nonsense")).isEmpty();
        assertThat(records()).hasSize(498).doesNotContain(failed(399, ""));
        assertThat(redis.number("EXISTS", "resque:queue:q")).isZero();
    }

    @Test
    void allGoWhenTheirNumberIsKnown() {
        record(failed(1, ""), "junk");

        assertThat(failures.clear(1)).isEqualTo(2);
        assertThat(records()).hasSize(2);
        assertThat(failures.clear(2)).isEqualTo(2);
        assertThat(records()).isEmpty();
    }

    @Test
    void allWorkersArePausedAndGoOn() {
        resque.view().pause(true);
        assertThat(redis.text("GET", "resque:pause-all-workers")).isEqualTo("true");
        resque.view().pause(false);
        assertThat(redis.number("EXISTS", "resque:pause-all-workers")).isZero();
    }
}
