package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallState;
import dev.caravan.testing.Callers;
import dev.caravan.testing.CaravanProcessFixture;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What a 202 promised holds when the process is killed right after it: a cancel, and that a key makes one call. */
class PromisesCrashIT extends CaravanProcessFixture {

    @Test
    void whatWasCancelledJustBeforeTheKillNeverRuns() throws Exception {
        deploy("waits", Map.of());
        caravan.scale("waits", 0);
        List<String> queued = callers.accepted(20, number -> call("waits", ""));
        List<String> scheduled =
                callers.accepted(20, number -> call("waits", "").header("X-Delay", "5s"));
        List<String> kept = callers.accepted(5, number -> call("waits", ""));
        var cancelled = new ArrayList<>(queued);
        cancelled.addAll(scheduled);

        cancel(cancelled);
        caravan.kill();
        caravan.restart();
        caravan.scale("waits", 1);
        awaitCalls(Map.of("cancelled", 40L, "succeeded", 5L));

        // Due by now: a call that was to come later than the scheduled ones has come.
        String later = callers.accepted(1, number -> call("waits", "").header("X-Delay", "6s"))
                .get(0);
        awaitCalls(Map.of("cancelled", 40L, "succeeded", 6L));
        assertThat(effects.begun().keySet()).containsAll(kept).contains(later).doesNotContainAnyElementsOf(cancelled);
        assertStates(cancelled, CallState.CANCELLED);
    }

    @Test
    void whatWasCancelledWhileItRanIsNotRunAgain() throws Exception {
        deploy("runs", Map.of());
        List<String> running = callers.accepted(5, number -> call("runs", "?millis=120000"));
        slowly().until(() -> effects.begun().size() == 5);

        cancel(running);
        caravan.kill();
        caravan.restart();
        List<String> next = callers.accepted(1, number -> call("runs", ""));
        awaitCalls(Map.of("cancelled", 5L, "succeeded", 1L));

        assertThat(effects.begun()).containsKeys(next.get(0)).hasSize(6);
        assertThat(effects.begun().values()).containsOnly(1L);
        assertStates(running, CallState.CANCELLED);
    }

    @Test
    void aHundredPostsWithOneKeyAreOneCall() throws Exception {
        deploy("once", Map.of());
        List<HttpResponse<String>> answers =
                callers.answers(100, number -> call("once", "").header("Idempotency-Key", "order-1"));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(202));
        assertThat(ids(answers)).hasSize(1);
        assertThat(answers)
                .filteredOn(answer ->
                        answer.headers().firstValue("Idempotent-Replayed").isEmpty())
                .hasSize(1);
        awaitCalls(Map.of("succeeded", 1L));
        caravan.kill();
        caravan.restart();

        HttpResponse<String> again = caravan.send(call("once", "").header("Idempotency-Key", "order-1"));

        assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
        assertThat(Callers.callId(again)).isIn(ids(answers));
        assertThat(effects.begun()).hasSize(1).containsValue(1L);
    }

    /** Clients repeat what they got no answer to, before the kill and after it. */
    @Test
    void aKeyMakesOneCallHoweverItsPostsAreCutOff() throws Exception {
        deploy("once", Map.of());
        caravan.scale("once", 0);
        int keys = 60;
        ExecutorService clients = Executors.newFixedThreadPool(16);
        try {
            List<Future<?>> posts = new ArrayList<>();
            for (int i = 0; i < keys * 3; i++) {
                HttpRequest.Builder post = keyed(i % keys);
                posts.add(clients.submit(() -> caravan.send(post)));
                if (i == keys + keys / 2) {
                    posts.get(i / 2).get();
                    caravan.kill();
                }
            }
            slowly().until(() -> posts.stream().allMatch(Future::isDone));
        } finally {
            clients.shutdownNow();
        }
        caravan.restart();
        caravan.scale("once", 1);
        caravan.awaitReplica("once");
        List<HttpResponse<String>> answers = callers.answers(keys * 2, number -> keyed(number % keys));

        awaitCalls(Map.of("succeeded", (long) keys));
        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(202));
        assertThat(effects.begun().keySet()).isEqualTo(ids(answers)).hasSize(keys);
        assertThat(effects.begun().values()).containsOnly(1L);
    }

    private HttpRequest.Builder keyed(int number) {
        return call("once", "").header("Idempotency-Key", "key-" + number);
    }

    private static Set<String> ids(List<HttpResponse<String>> answers) {
        return new HashSet<>(answers.stream().map(Callers::callId).toList());
    }

    private void cancel(List<String> ids) throws Exception {
        List<HttpResponse<String>> answers = callers.answers(
                ids.size(),
                number -> HttpRequest.newBuilder(caravan.url("/async-function/" + ids.get(number)))
                        .DELETE());
        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(202));
    }
}
