package dev.caravan.gateway;

import dev.caravan.component.Refusal;
import java.util.Map;

/**
 * A route's or bean's word for "answer with this status". The message is one line that the client sees.
 */
public final class HttpFailure extends RuntimeException implements Refusal {

    private static final long serialVersionUID = 1L;

    private final int status;

    @SuppressWarnings("serial") // never serialised; Throwable merely could be
    private final Map<String, String> headers;

    public HttpFailure(int status, String message) {
        this(status, message, Map.of());
    }

    /** @param headers more answer headers, e.g. {@code Retry-After} */
    public HttpFailure(int status, String message, Map<String, String> headers) {
        // No stack trace: this is an expected outcome, and its message says all.
        super(message, null, false, false);
        this.status = status;
        this.headers = Map.copyOf(headers);
    }

    /** We cannot take it now, but soon. */
    public static HttpFailure busy(String message) {
        return new HttpFailure(503, message, Map.of("Retry-After", "1"));
    }

    public int status() {
        return status;
    }

    @Override
    public boolean forNow() {
        return status == 429 || status == 503;
    }

    public Map<String, String> headers() {
        return headers;
    }
}
