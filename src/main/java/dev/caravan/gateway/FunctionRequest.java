package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import dev.caravan.function.CallId;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * The bean {@code functionRequest}: reads {@code /function/NAME[.NAMESPACE]/rest} (or {@code /async-function/…}) off the
 * raw path, and says which function is called, with which path and query, under which call id.
 *
 * <p>A caller's {@code X-Call-Id} is kept as it is and echoed; without one, one is made. The answer carries it, {@code
 * X-Start-Time} and {@code X-Duration-Seconds}, unless the function says them itself.
 */
public final class FunctionRequest implements Processor {

    private static final long NANOS = 1_000_000_000L;

    private final String defaultNamespace;
    private final InstantSource clock;

    public FunctionRequest(String defaultNamespace, InstantSource clock) {
        this.defaultNamespace = defaultNamespace;
        this.clock = clock;
    }

    /** @throws HttpFailure 404 when no function can have that name */
    @Override
    public void process(Exchange exchange) {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        if (head == null) {
            throw new IllegalStateException("functionRequest works on HTTP requests only: use it after platform-http");
        }
        FunctionPath called = FunctionPath.of(head.path(), defaultNamespace)
                .orElseThrow(() -> new HttpFailure(404, "no function has that name"));

        String caller = head.headers().get("X-Call-Id");
        var call = new CallHeaders(
                caller == null || caller.isEmpty() ? CallId.random().text() : caller, startTime(), System.nanoTime());
        exchange.setProperty(CallHeaders.PROPERTY, call);

        Message message = exchange.getMessage();
        message.setHeader(CaravanHeaders.FUNCTION, called.function().name());
        message.setHeader(CaravanHeaders.NAMESPACE, called.function().namespace());
        message.setHeader(CaravanHeaders.PATH, called.rest());
        setUnlessNull(message, CaravanHeaders.QUERY, head.query());
        message.setHeader(CaravanHeaders.CALL_ID, call.callId());
        message.setHeader(CaravanHeaders.START_TIME, call.startTime());
    }

    private String startTime() {
        Instant now = clock.instant();
        return Long.toString(now.getEpochSecond() * NANOS + now.getNano());
    }

    private static void setUnlessNull(Message message, String name, @Nullable String value) {
        if (value != null) {
            message.setHeader(name, value);
        }
    }
}
