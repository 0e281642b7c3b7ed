package dev.caravan.provider.engine;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Asks a container whether it can take calls: {@code GET /_/health} (contract section 6), or the path that the
 * annotation {@code com.openfaas.ready.http.path} names. A server that does not know the path is ready, too: any
 * container that listens is a function.
 */
final class Probe {

    private static final String ANNOTATION = "com.openfaas.ready.http.path";
    private static final String DEFAULT_PATH = "/_/health";
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final HttpClient http;

    Probe(Executor threads) {
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(LIMIT)
                .executor(threads)
                .build();
    }

    /** Never fails: what goes wrong is a no. */
    CompletableFuture<Boolean> isReady(URI address, Revision revision) {
        HttpRequest request;
        try {
            String path = revision.deployment().annotation(ANNOTATION).orElse(DEFAULT_PATH);
            request = HttpRequest.newBuilder(URI.create(address + (path.startsWith("/") ? path : DEFAULT_PATH)))
                    .timeout(LIMIT)
                    .build();
        } catch (IllegalArgumentException e) {
            request = HttpRequest.newBuilder(address.resolve(DEFAULT_PATH))
                    .timeout(LIMIT)
                    .build();
        }
        return http.sendAsync(request, BodyHandlers.ofInputStream())
                .thenApply(Probe::good)
                .exceptionally(refused -> false);
    }

    /** The body may never end: nobody reads it. */
    private static boolean good(HttpResponse<InputStream> answer) {
        try (InputStream unread = answer.body()) {
            return answer.statusCode() < 500;
        } catch (IOException e) {
            return false;
        }
    }
}
