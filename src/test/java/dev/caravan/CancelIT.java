package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.RecordingCallbackReceiver.Recorded;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A call that is taken back: in whatever state it is, it ends once, runs no more and tells nobody. */
class CancelIT {

    private static final String DONE = "queue_worker_messages_processed_total{queue_name=\"faas-request\"}";

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_SCALE_FROM_ZERO=false");

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @Test
    void aQueuedCallNeverRuns() {
        String echo = server.deploy("echo", "cat");
        server.scale(echo, 0);
        double before = server.calls("cancelled");
        double done = server.metric(DONE);
        String id = server.callAsync(echo, "x".repeat(100_000), "X-Callback-Url", receiver.url("/queued"));

        Reply cancelled = cancel(id);

        assertThat(cancelled.bytes()).isEmpty();
        assertThat(server.calls("cancelled")).isEqualTo(before + 1);
        assertThat(server.metric("caravan_calls_cancelled_total{function_name=\"" + echo + ".openfaas-fn\"}"))
                .isEqualTo(1);
        server.scale(echo, 1);
        slowly().untilAsserted(() -> assertThat(server.metric(DONE)).isGreaterThanOrEqualTo(done + 1));
        assertThat(server.invocations(echo, 200)).isZero();
        slowly().untilAsserted(() -> assertThat(bodies()).isEmpty());
        assertThat(receiver.received("/queued")).isEmpty();
    }

    @Test
    void aScheduledCallIsDroppedWhenItFallsDue() {
        String echo = server.deploy("echo", "cat");
        double before = server.calls("cancelled");
        double done = server.metric(DONE);
        String id = server.callAsync(echo, "x".repeat(100_000), "X-Delay", "3s");

        cancel(id);

        assertThat(server.calls("cancelled")).isEqualTo(before + 1);
        slowly().untilAsserted(() -> assertThat(server.metric(DONE)).isGreaterThanOrEqualTo(done + 1));
        assertThat(server.invocations(echo, 200)).isZero();
        slowly().untilAsserted(() -> assertThat(bodies()).isEmpty());
    }

    @Test
    void aCallThatWaitsForItsNextAttemptHasNone() {
        String answers = server.deployAnswers("com.openfaas.retry.min_wait=4s");
        double done = server.metric(DONE);
        String id = server.callAsync(answers + "/500,200", "x", "X-Callback-Url", receiver.url("/retrying"));
        slowly().untilAsserted(() -> assertThat(server.calls("retrying")).isEqualTo(1));

        cancel(id);

        assertThat(server.calls("retrying")).isZero();
        slowly().untilAsserted(() -> assertThat(server.metric(DONE)).isGreaterThanOrEqualTo(done + 2));
        assertThat(server.invocations(answers, 500)).isEqualTo(1);
        assertThat(server.invocations(answers, 200)).isZero();
        assertThat(receiver.received("/retrying")).isEmpty();
    }

    @Test
    void aRunningCallIsInterruptedDownToItsProcess() throws Exception {
        Path pid = server.folder().resolve("sleeper.pid");
        String sleeper =
                server.deployScript("sleeper", "echo $$ >" + pid + ".new; mv " + pid + ".new " + pid + "; sleep 600");
        double before = server.calls("cancelled");
        String id = server.callAsync(sleeper, "x", "X-Callback-Url", receiver.url("/running"));
        slowly().until(() -> Files.exists(pid));
        ProcessHandle process =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();

        cancel(id);

        slowly().until(() -> !process.isAlive());
        slowly().untilAsserted(() -> assertThat(server.metric(
                        "gateway_function_invocation_inflight{function_name=\"" + sleeper + ".openfaas-fn\"}"))
                .isZero());
        assertThat(server.calls("cancelled")).isEqualTo(before + 1);
        assertThat(server.calls("running")).isZero();
        assertThat(server.calls("retrying")).isZero();
        assertThat(server.deadLetters(sleeper)).isEmpty();
        assertThat(receiver.received("/running")).isEmpty();
        assertThat(server.metric("caravan_retries_total{function_name=\"" + sleeper + ".openfaas-fn\"}"))
                .isZero();
    }

    @Test
    void aCallThatIsOverStaysWhatItIs() {
        String answers = server.deployAnswers();
        double cancelled = server.calls("cancelled");
        double succeeded = server.calls("succeeded");
        double dead = server.calls("dead");
        String good = server.callAsync(answers + "/200", "x");
        String bad = server.callAsync(answers + "/400", "x");
        slowly().untilAsserted(() -> assertThat(server.calls("dead")).isEqualTo(dead + 1));
        slowly().untilAsserted(() -> assertThat(server.calls("succeeded")).isEqualTo(succeeded + 1));

        cancel(good);
        cancel(bad);

        assertThat(server.calls("cancelled")).isEqualTo(cancelled);
        assertThat(server.calls("succeeded")).isEqualTo(succeeded + 1);
        assertThat(server.calls("dead")).isEqualTo(dead + 1);
        assertThat(server.deadLetters(answers)).hasSize(1);
    }

    @Test
    void cancellingTwiceIsCancellingOnce() {
        String echo = server.deploy("echo", "cat");
        server.scale(echo, 0);
        double before = server.calls("cancelled");
        String id = server.callAsync(echo, "x");

        cancel(id);
        cancel(id);

        assertThat(server.calls("cancelled")).isEqualTo(before + 1);
        assertThat(server.metric("caravan_calls_cancelled_total{function_name=\"" + echo + ".openfaas-fn\"}"))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0b0c9d2e-0000-4000-8000-000000000000", "nobody", "x", "%41%41%41%41%41%41%41%41%41"})
    void anIdThatNoCallHasIsNotFound(String id) {
        Reply reply = server.send("DELETE", "/async-function/" + id, new byte[0]);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.text()).isEqualTo("there is no call with that id\n");
    }

    @Test
    void aFunctionThatAsksForUsersAsksThemHereToo() {
        String safe = server.deploy("safe", "cat", "dev.caravan.auth=basic");
        server.scale(safe, 0);
        double before = server.calls("cancelled");
        String id = server.callAsync(safe, "x", "Authorization", server.authorization());

        Reply stranger = server.send("DELETE", "/async-function/" + id, new byte[0]);
        Reply guess = server.send("DELETE", "/async-function/" + id, new byte[0], "Authorization", "Basic YTpi");
        Reply user =
                server.send("DELETE", "/async-function/" + id, new byte[0], "Authorization", server.authorization());

        assertThat(stranger.status()).isEqualTo(401);
        assertThat(stranger.header("WWW-Authenticate")).isNotEmpty();
        assertThat(guess.status()).isEqualTo(401);
        assertThat(user.status()).isEqualTo(202);
        assertThat(server.calls("cancelled")).isEqualTo(before + 1);
    }

    /** Cancels come before, while and after the calls run: each ends once, and only those that succeeded tell it. */
    @Test
    void whoIsCancelledTheMomentItAnswersEndsOnce() throws Exception {
        String echo = server.deploy("echo", "cat");
        server.awaitReplica(echo);
        double cancelled = server.calls("cancelled");
        double succeeded = server.calls("succeeded");
        int calls = 150;
        ExecutorService clients = Executors.newFixedThreadPool(8);
        List<Future<?>> cancels = new ArrayList<>();
        try {
            for (int i = 0; i < calls; i++) {
                String id = server.callAsync(echo, "x", "X-Callback-Url", receiver.url("/race"));
                cancels.add(clients.submit(() -> cancel(id)));
            }
            for (Future<?> cancel : cancels) {
                cancel.get();
            }
        } finally {
            clients.shutdownNow();
        }

        double ended = server.calls("succeeded") - succeeded;
        assertThat(server.calls("cancelled") - cancelled + ended).isEqualTo(calls);
        List<Recorded> told = receiver.await("/race", (int) ended);
        assertThat(told).extracting(callback -> callback.header("X-Call-Id")).doesNotHaveDuplicates();
        assertThat(told).hasSize((int) ended);
        assertThat(server.deadLetters(echo)).isEmpty();
    }

    @Test
    void aCancelSurvivesAStop() {
        String echo = server.deploy("echo", "cat");
        // Its message is taken after the stop, however long the stop takes.
        tellQueue("pause");
        String id = server.callAsync(echo, "x");
        cancel(id);
        double cancelled = server.calls("cancelled");

        server.stop();
        server.start();

        assertThat(server.calls("cancelled")).isEqualTo(cancelled);
        cancel(id);
        tellQueue("resume");
        slowly().untilAsserted(() -> assertThat(server.metric(DONE)).isGreaterThanOrEqualTo(1));
        assertThat(server.invocations(echo, 200)).isZero();
        assertThat(server.calls("cancelled")).isEqualTo(cancelled);
    }

    private static Reply cancel(String id) {
        Reply reply = server.send("DELETE", "/async-function/" + id, new byte[0]);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
        return reply;
    }

    private static void tellQueue(String what) {
        Reply reply = server.system("POST", "/system/queues/faas-request/" + what, "");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
    }

    private static List<Path> bodies() {
        Path folder = server.data().resolve("bodies");
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A limit far beyond what the slowest machine needs. */
    private static ConditionFactory slowly() {
        return await().atMost(Duration.ofSeconds(60));
    }
}
