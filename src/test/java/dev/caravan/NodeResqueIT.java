package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.NodeResque;
import dev.caravan.testing.RedisServer;
import dev.caravan.testing.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two Caravans and node-resque, as producer, worker and scheduler, on one Redis: no job is done twice, none is left. */
class NodeResqueIT {

    @TempDir
    static Path folder;

    private static final TestServer FIRST = TestServer.with();
    private static final TestServer SECOND = TestServer.with();
    private static RedisServer redis;

    private NodeResque node;

    @BeforeAll
    static void startCaravans() throws IOException {
        redis = RedisServer.start(folder.resolve("redis"));
        start(FIRST, "first");
        SECOND.set("CARAVAN_RESQUE_SCHEDULER=true");
        start(SECOND, "second");
    }

    private static void start(TestServer server, String name) throws IOException {
        server.set("CARAVAN_REDIS_URL=" + redis.url())
                .set("CARAVAN_RESQUE_QUEUES=shared,delayed")
                .set("CARAVAN_RESQUE_CONCURRENCY=1")
                .start();
        Files.writeString(server.routes().resolve("triggers/hello.camel.yaml"), """
                - route:
                    id: hello
                    description: Notes the arguments of jobs of the class Hello.
                    from:
                      uri: direct:Hello
                      steps:
                        - delay:
                            expression:
                              constant:
                                expression: 5
                        - to:
                            uri: file:FOLDER
                            parameters:
                              fileName: NAME
                              fileExist: Append
                              appendChars: ";"
                """.replace("FOLDER", folder.toString())
                .replace("NAME", name));
        soon().until(() -> server.system("/system/routes/hello").status() == 200);
    }

    @AfterAll
    static void stopAll() {
        FIRST.close();
        SECOND.close();
        if (redis != null) {
            redis.close();
        }
    }

    @BeforeEach
    void clean() throws IOException {
        node = new NodeResque(folder, redis);
        for (String name : List.of("first", "second")) {
            Files.deleteIfExists(folder.resolve(name));
        }
        redis.ask("DEL", "resque:stat:processed", "resque:stat:failed", "resque:failed");
    }

    @AfterEach
    void stopNode() {
        if (node != null) {
            node.close();
        }
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    /** What both Caravans have noted, and Node's workers. */
    private static List<String> done(Path... workers) {
        Stream<String> ours = Stream.of("first", "second")
                .flatMap(name -> NodeResque.lines(folder.resolve(name)).stream())
                .flatMap(line -> Stream.of(line.split(";")));
        Stream<String> theirs = Stream.of(workers)
                .flatMap(file -> NodeResque.lines(file).stream())
                .filter(line -> line.startsWith("done "))
                .map(line -> line.substring("done ".length()));
        return Stream.concat(ours, theirs).toList();
    }

    private static List<String> numbered(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "[" + i + ",\"a/b <é>\"]")
                .toList();
    }

    private static void awaitProcessed(long count) {
        soon().untilAsserted(() ->
                assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(count));
    }

    @Test
    void whatNodePushesIsSharedAmongAllAndTheTotalsAddUp() {
        Path worker = node.worker("shared");
        node.enqueue("shared", "Hello", 0, 300);
        awaitProcessed(300);

        assertThat(done(worker)).containsExactlyInAnyOrderElementsOf(numbered(0, 300));
        assertThat(done(worker).size() - done().size())
                .as("some by Node, some by Caravan")
                .isBetween(1, 299);
        assertThat(redis.number("LLEN", "resque:queue:shared")).isZero();
        assertThat(redis.number("EXISTS", "resque:failed", "resque:stat:failed"))
                .isZero();
    }

    @Test
    void whatCaravanPushesNodeRunsAndItsFailureIsTriedAgainFromHere() {
        Path worker = node.worker("node");
        IntStream.range(0, 20).forEach(i -> push("node", "{\"class\":\"Hello\",\"args\":[" + i + ",\"a/b <é>\"]}"));
        soon().until(() -> done(worker).size() == 20);
        assertThat(done(worker)).containsExactlyInAnyOrderElementsOf(numbered(0, 20));

        push("node", "{\"class\":\"FailsOnce\",\"args\":[7]}");
        soon().until(() -> redis.number("LLEN", "resque:failed") == 1);
        JsonNode failure = FIRST.system("/system/resque/failures").json().at("/items/0");
        assertThat(failure.path("problem").asText()).isEmpty();
        assertThat(failure.path("class").asText()).isEqualTo("FailsOnce");
        assertThat(failure.path("error").asText()).isEqualTo("not at once");
        assertThat(FIRST.system(
                                "POST",
                                "/system/resque/failures/" + failure.path("id").asText() + "/retry",
                                "")
                        .json()
                        .path("retried")
                        .asText())
                .isEqualTo("job");
        soon().until(() -> done(worker).contains("[7]"));
        assertThat(FIRST.system("/system/resque/workers").json())
                .anySatisfy(one -> assertThat(one.path("id").asText()).endsWith(":node"))
                .allSatisfy(one -> assertThat(one.path("problem").asText()).isEmpty());
    }

    private static void push(String queue, String job) {
        assertThat(FIRST.system("POST", "/resque/" + queue, job).status()).isEqualTo(202);
    }

    private static void delay(int number, String delay) {
        byte[] job = ("{\"class\":\"Hello\",\"args\":[" + number + ",\"a/b <é>\"]}").getBytes(StandardCharsets.UTF_8);
        String[] headers = {"Authorization", FIRST.authorization(), "X-Delay", delay};
        assertThat(FIRST.send("POST", "/resque/delayed", job, headers).status()).isEqualTo(202);
    }

    @Test
    void delayedJobsOfBothAreMovedOnceByWhicheverSchedulerIsFirst() {
        node.scheduler();
        node.enqueue("delayed", "Hello", 0, 20, "1500");
        for (int i = 20; i < 40; i++) {
            delay(i, "2s");
        }
        awaitProcessed(40);

        assertThat(done()).containsExactlyInAnyOrderElementsOf(numbered(0, 40));
        soon().until(() -> redis.number("EXISTS", "resque:delayed_queue_schedule") == 0);
        assertThat(redis.list("KEYS", "resque:timestamps:*")).isEmpty();
    }

    /** Caravan's own scheduler is off in the first: Node's alone moves what Caravan has put there. */
    @Test
    void nodesSchedulerAloneMovesWhatCaravanPutThere() {
        SECOND.stop();
        try {
            node.scheduler();
            delay(0, "1s");
            awaitProcessed(1);

            assertThat(done()).isEqualTo(numbered(0, 1));
            assertThat(redis.list("KEYS", "resque:timestamps:*")).isEmpty();
        } finally {
            SECOND.start();
            soon().until(() -> SECOND.system("/system/routes/hello").status() == 200);
        }
    }
}
