package dev.caravan.gateway;

import dev.caravan.function.FunctionCallException;
import dev.caravan.provider.ProviderException;
import io.vertx.core.MultiMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client is told when its request failed: one plain line, never a stack trace.
 *
 * @param headers in addition to those of every failure
 */
record Failure(int status, String line, Map<String, String> headers) {

    private static final Logger LOG = LoggerFactory.getLogger(Failure.class);

    /** Marks answers that the platform made, not a function (contract section 2.1). */
    private static final Map<String, String> OURS = Map.of("X-OpenFaaS-Internal", "proxy");

    /** The same, for what another try may find otherwise. */
    private static final Map<String, String> OURS_SOON = Map.of("X-OpenFaaS-Internal", "proxy", "Retry-After", "1");

    private static final Map<String, String> SOON = Map.of("Retry-After", "1");
    private static final int MAX_LINE = 1_000;
    private static final int MAX_CAUSES = 10;

    Failure {
        String bounded = line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE);
        line = bounded.replaceAll("[\\r\\n]+", " ");
    }

    /** Reads a failed exchange; an unexpected failure is logged here, once. */
    static Failure of(Throwable thrown, String request) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++, cause = cause.getCause()) {
            if (cause instanceof HttpFailure said) {
                return new Failure(said.status(), said.getMessage() + "", said.headers());
            }
            if (cause instanceof FunctionCallException call) {
                return new Failure(
                        call.code().status(),
                        call.getMessage() + "",
                        call.code().held() ? OURS_SOON : OURS);
            }
            if (cause instanceof ProviderException provider) {
                int status = provider.code().status();
                return new Failure(status, provider.getMessage() + "", status == 503 ? SOON : Map.of());
            }
            if (cause instanceof RejectedExecutionException) {
                return new Failure(503, "too busy or stopping; try again", SOON);
            }
        }
        LOG.error("request failed request={}", request, thrown);
        return new Failure(500, "internal error", OURS);
    }

    void addHeadersTo(MultiMap answer) {
        answer.set("Content-Type", "text/plain; charset=utf-8");
        answer.set("X-Content-Type-Options", "nosniff");
        headers.forEach(answer::set);
    }
}
