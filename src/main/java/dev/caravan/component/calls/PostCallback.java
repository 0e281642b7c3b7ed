package dev.caravan.component.calls;

import dev.caravan.component.CallbackTargets;
import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallbackUrl;
import dev.caravan.function.DeadReason;
import dev.caravan.queue.Judge;
import dev.caravan.queue.Verdict;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code postCallback}: signs a result, posts it to its callback URL and judges what the receiver answered. Redirects
 * are not followed: who registers a URL gets the result there or not at all.
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
    private final CallbackKeys keys;
    private final CallbackTargets targets;
    private final InstantSource clock;
    private final String userAgent;

    /** @param version for the {@code User-Agent} */
    public PostCallback(
            Vertx vertx, Judge judge, CallbackKeys keys, CallbackTargets targets, InstantSource clock, String version) {
        this.client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout((int) TIMEOUT.toMillis())
                        .setDecompressionSupported(false)
                        .setVerifyHost(true),
                new PoolOptions().setHttp1MaxSize(64));
        this.judge = judge;
        this.keys = keys;
        this.targets = targets;
        this.clock = clock;
        this.userAgent = "caravan/" + version;
    }

    @Override
    public void process(Exchange exchange) {
        Work work = Work.of(exchange);
        byte[] body = exchange.getMessage().getBody(byte[].class);
        Verdict verdict;
        try {
            Posted posted = posted(work, body);
            verdict = judge.delivered(work.call(), attempt(work, posted), posted.retryAfter());
        } catch (CallbackTargets.RefusedException e) {
            Attempt refused = attempt(work, new Posted(0, null, e.getMessage()));
            verdict = new Verdict.Dead(refused, DeadReason.REJECTED);
        }
        work.judgedAs(verdict).to(exchange, verdict.state().word());
    }

    private Posted posted(Work work, byte[] body) throws CallbackTargets.RefusedException {
        Call call = work.call();
        try {
            CallbackUrl url = CallbackUrl.parse(String.valueOf(call.callbackUrl()));
            Optional<InetAddress> address = targets.address(url, call.attempt());
            CallbackSignature signature = CallbackSignature.of(keys.key(call.function()), clock.instant(), body);
            return await(post(request(url, address), call, signature, body));
        } catch (UnknownHostException e) {
            return new Posted(0, null, "the callback URL could not be reached: its host is not known");
        } catch (CallbackKeys.NoKeyException e) {
            return new Posted(0, null, e.getMessage());
        }
    }

    private static RequestOptions request(CallbackUrl url, Optional<InetAddress> address) {
        var options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(url.host())
                .setPort(url.port())
                .setSsl(url.secure())
                .setURI(url.target())
                .setFollowRedirects(false)
                .setTimeout(TIMEOUT.toMillis());
        // The address that was judged, not what the name may stand for by now.
        address.ifPresent(
                judged -> options.setServer(SocketAddress.inetSocketAddress(url.port(), judged.getHostAddress())));
        return options;
    }

    /** Waits on the worker's own thread: what comes next in the route waits for the disk. */
    private static Posted await(Future<Posted> posting) {
        return posting.otherwise(
                        failure -> new Posted(0, null, "the callback URL could not be reached: " + why(failure)))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** A channel that was closed says no more than its name. */
    private static String why(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    private Future<Posted> post(RequestOptions options, Call call, CallbackSignature signature, byte[] body) {
        return client.request(options).compose(request -> {
            call.headers().forEach((name, values) -> request.headers().set(name, values));
            request.headers()
                    .set("User-Agent", userAgent)
                    .set(CallbackSignature.TIMESTAMP_HEADER, signature.timestamp())
                    .set(CallbackSignature.HEADER, signature.text());
            // Here, not behind the outer future: on another context the answer may have ended by then.
            return request.send(Buffer.buffer(body)).compose(PostCallback::answered);
        });
    }

    private static Future<Posted> answered(HttpClientResponse answer) {
        return answer.end().map(end -> {
            int status = answer.statusCode();
            String error = status >= 200 && status < 300 ? null : "the callback URL answered " + status;
            return new Posted(status, answer.getHeader("Retry-After"), error);
        });
    }

    private Attempt attempt(Work work, Posted posted) {
        Duration took = Duration.between(work.startedAt(), clock.instant());
        return new Attempt(work.call().attempt(), work.startedAt(), took, posted.status(), posted.error(), null);
    }
}
