package dev.caravan.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Clients that post asynchronous calls, 32 at a time. */
public final class Callers {

    static final int CLIENTS = 32;

    private final CaravanProcess caravan;

    public Callers(CaravanProcess caravan) {
        this.caravan = caravan;
    }

    /** Posts {@code count} calls, each of which must be accepted; returns their ids in the order of their numbers. */
    public List<String> accepted(int count, IntFunction<HttpRequest.Builder> request) throws Exception {
        List<HttpResponse<String>> answers = answers(count, request);
        assertThat(answers)
                .allSatisfy(answer ->
                        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202));
        return answers.stream().map(Callers::callId).toList();
    }

    /** The answers to {@code count} posts, in the order of their numbers. */
    public List<HttpResponse<String>> answers(int count, IntFunction<HttpRequest.Builder> request) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<HttpResponse<String>>> posts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                posts.add(clients.submit(() -> caravan.send(request.apply(number))));
            }
            List<HttpResponse<String>> answers = new ArrayList<>();
            for (Future<HttpResponse<String>> post : posts) {
                answers.add(post.get());
            }
            return answers;
        } finally {
            clients.shutdownNow();
        }
    }

    /** All clients post one call after the other, until the server is gone; returns the ids of what was accepted. */
    public Future<List<String>> untilItIsGone(HttpRequest.Builder request, List<String> accepted) {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS + 1);
        List<Future<?>> posting = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            posting.add(clients.submit(() -> postUntilItIsGone(request.copy(), accepted)));
        }
        Future<List<String>> all = clients.submit(() -> {
            awaitAll(posting);
            return List.copyOf(accepted);
        });
        clients.shutdown();
        return all;
    }

    private void postUntilItIsGone(HttpRequest.Builder request, List<String> accepted) {
        while (true) {
            try {
                HttpResponse<String> answer = caravan.send(request);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
                accepted.add(callId(answer));
            } catch (IOException gone) {
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static void awaitAll(List<Future<?>> tasks) throws InterruptedException, ExecutionException {
        for (Future<?> task : tasks) {
            task.get();
        }
    }

    public static String callId(HttpResponse<?> accepted) {
        return accepted.headers().firstValue("X-Call-Id").orElseThrow();
    }
}
