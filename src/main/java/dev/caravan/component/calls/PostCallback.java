package dev.caravan.component.calls;

import dev.caravan.function.Attempt;
import dev.caravan.queue.Judge;
import dev.caravan.queue.Verdict;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code postCallback}: posts a result to its callback URL and judges what the receiver answered. Redirects are not
 * followed: who registers a URL gets the result there or not at all.
 */
public final class PostCallback implements Processor {

    /** @param status 0 when no answer came */
    private record Posted(
            int status,
            @Nullable String retryAfter,
            @Nullable String error) {}

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient client;
    private final Judge judge;
    private final InstantSource clock;
    private final String userAgent;

    /** @param version for the {@code User-Agent} */
    public PostCallback(Vertx vertx, Judge judge, InstantSource clock, String version) {
        this.client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout((int) TIMEOUT.toMillis())
                        .setDecompressionSupported(false)
                        .setVerifyHost(true),
                new PoolOptions().setHttp1MaxSize(64));
        this.judge = judge;
        this.clock = clock;
        this.userAgent = "caravan/" + version;
    }

    @Override
    public void process(Exchange exchange) {
        Work work = Work.of(exchange);
        Posted posted = await(post(work, exchange.getMessage().getBody(byte[].class)));
        Attempt attempt = attempt(work, posted);
        Verdict verdict = judge.delivered(work.call(), attempt, posted.retryAfter());
        work.judgedAs(verdict).to(exchange, verdict.state().word());
    }

    /** Waits on the worker's own thread: what comes next in the route waits for the disk. */
    private static Posted await(Future<Posted> posting) {
        return posting.otherwise(failure ->
                        new Posted(0, null, "the callback URL could not be reached: " + failure.getMessage()))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private Future<Posted> post(Work work, byte[] body) {
        try {
            var options = new RequestOptions()
                    .setMethod(HttpMethod.POST)
                    .setAbsoluteURI(String.valueOf(work.call().callbackUrl()))
                    .setFollowRedirects(false)
                    .setTimeout(TIMEOUT.toMillis());
            return client.request(options).compose(request -> send(request, work, body));
        } catch (RuntimeException e) {
            return Future.failedFuture(e); // a URL that only the client finds wrong
        }
    }

    private Future<Posted> send(HttpClientRequest request, Work work, byte[] body) {
        work.call().headers().forEach((name, values) -> request.headers().set(name, values));
        request.headers().set("User-Agent", userAgent);
        return request.send(Buffer.buffer(body))
                .compose(answer -> answer.end().map(end -> {
                    int status = answer.statusCode();
                    String error = status >= 200 && status < 300 ? null : "the callback URL answered " + status;
                    return new Posted(status, answer.getHeader("Retry-After"), error);
                }));
    }

    private Attempt attempt(Work work, Posted posted) {
        Duration took = Duration.between(work.startedAt(), clock.instant());
        return new Attempt(work.call().attempt(), work.startedAt(), took, posted.status(), posted.error(), null);
    }
}
