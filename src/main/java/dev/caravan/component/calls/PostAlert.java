package dev.caravan.component.calls;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.alerts.Alert;
import dev.caravan.alerts.Alerts;
import dev.caravan.alerts.Notice;
import dev.caravan.function.CallbackUrl;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code postAlert}: posts what somebody is to be told about an alert, signed as callbacks are, and says whether it
 * arrived. It goes where the operator has said, so no address is refused; redirects are not followed.
 */
public final class PostAlert implements Processor {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient client;
    private final Alerts alerts;
    private final CallbackKeys keys;
    private final String node;
    private final InstantSource clock;
    private final String userAgent;

    /**
     * @param node who says it
     * @param version for the {@code User-Agent}
     */
    public PostAlert(Vertx vertx, Alerts alerts, CallbackKeys keys, String node, InstantSource clock, String version) {
        this.client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout((int) TIMEOUT.toMillis()));
        this.alerts = alerts;
        this.keys = keys;
        this.node = node;
        this.clock = clock;
        this.userAgent = "caravan/" + version;
    }

    @Override
    public void process(Exchange exchange) {
        Notice notice = exchange.getMessage().getBody(Notice.class);
        byte[] body = json(notice, node).toString().getBytes(StandardCharsets.UTF_8);
        try {
            CallbackSignature signature = CallbackSignature.of(keys.key(), clock.instant(), body);
            // On the route's own thread, which has nothing else to do.
            String problem = post(CallbackUrl.parse(alerts.settings().url()), signature, body)
                    .otherwise(failure -> "it could not be reached: " + why(failure))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            if (problem.isEmpty()) {
                alerts.told(notice);
            } else {
                alerts.notTold(notice, problem);
            }
        } catch (CallbackKeys.NoKeyException e) {
            alerts.notTold(notice, String.valueOf(e.getMessage()));
        }
    }

    private static String why(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    /** Empty when it arrived, else why not. */
    private Future<String> post(CallbackUrl url, CallbackSignature signature, byte[] body) {
        var options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(url.host())
                .setPort(url.port())
                .setSsl(url.secure())
                .setURI(url.target())
                .setFollowRedirects(false)
                .setTimeout(TIMEOUT.toMillis())
                .putHeader("Content-Type", "application/json")
                .putHeader("User-Agent", userAgent)
                .putHeader(CallbackSignature.TIMESTAMP_HEADER, signature.timestamp())
                .putHeader(CallbackSignature.HEADER, signature.text());
        return client.request(options)
                .compose(request -> request.send(Buffer.buffer(body)).compose(answer -> {
                    int status = answer.statusCode();
                    return answer.end().map(end -> status / 100 == 2 ? "" : "it answered " + status);
                }));
    }

    private static ObjectNode json(Notice notice, String node) {
        Alert alert = notice.alert();
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", alert.id())
                .put("status", notice.over() ? "resolved" : "firing")
                .put("text", (notice.over() ? "over: " : "") + alert.line())
                .put("rule", alert.rule().text())
                .put("measure", alert.rule().measure().word())
                .put("subject", alert.subject())
                .put("value", alert.value())
                .put("threshold", alert.rule().threshold())
                .put("since", alert.since().toString())
                .put("node", node);
        if (alert.endedAt() != null) {
            json.put("endedAt", alert.endedAt().toString());
        }
        return json;
    }
}
