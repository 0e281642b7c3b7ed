package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * The bean {@code functionRequest}: reads {@code /function/NAME[.NAMESPACE]/rest} (or {@code /async-function/…}) off the
 * raw path, and says which function is called, with which path and query, under which call id.
 *
 * <p>The answer carries the call's headers ({@link CallStamp}), unless the function says them itself.
 */
public final class FunctionRequest implements Processor {

    private final String defaultNamespace;
    private final CallStamp stamp;

    public FunctionRequest(String defaultNamespace, CallStamp stamp) {
        this.defaultNamespace = defaultNamespace;
        this.stamp = stamp;
    }

    /** @throws HttpFailure 404 when no function can have that name */
    @Override
    public void process(Exchange exchange) {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        if (head == null) {
            throw new IllegalStateException("functionRequest works on HTTP requests only: use it after platform-http");
        }
        CallHeaders call = stamp.stamp(head.headers());
        exchange.setProperty(CallHeaders.PROPERTY, call);
        FunctionPath called = FunctionPath.of(head.path(), defaultNamespace)
                .orElseThrow(() -> new HttpFailure(404, "no function has that name"));

        Message message = exchange.getMessage();
        message.setHeader(CaravanHeaders.FUNCTION, called.function().name());
        message.setHeader(CaravanHeaders.NAMESPACE, called.function().namespace());
        message.setHeader(CaravanHeaders.PATH, called.rest());
        setUnlessNull(message, CaravanHeaders.QUERY, head.query());
        message.setHeader(CaravanHeaders.CALL_ID, call.callId());
        message.setHeader(CaravanHeaders.START_TIME, call.startTime());
    }

    private static void setUnlessNull(Message message, String name, @Nullable String value) {
        if (value != null) {
            message.setHeader(name, value);
        }
    }
}
