package dev.caravan.provider.engine;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Waits for the beginning of an answer no longer than it may take. The client's own limit does not hold on a Unix
 * socket, where an engine that takes connections and says nothing would be waited for without end.
 */
final class PunctualHttpClient implements DockerHttpClient {

    private final DockerHttpClient http;
    private final Duration limit;

    PunctualHttpClient(DockerHttpClient http, Duration limit) {
        this.http = http;
        this.limit = limit;
    }

    @Override
    public Response execute(Request request) {
        Thread asking = Thread.currentThread();
        var answered = new CompletableFuture<Void>();
        CompletableFuture<Void> alarm = answered.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(late -> {
                    asking.interrupt(); // which closes the connection
                    return null;
                });
        try {
            return http.execute(request);
        } catch (RuntimeException e) {
            if (answered.isDone()) {
                // The client's own is whatever it did when it was interrupted.
                throw new UncheckedIOException(
                        (IOException) new SocketTimeoutException("no answer within " + limit).initCause(e));
            }
            throw e;
        } finally {
            if (!answered.complete(null)) {
                alarm.join();
                Thread.interrupted(); // it was for the connection
            }
        }
    }

    @Override
    public void close() throws IOException {
        http.close();
    }
}
