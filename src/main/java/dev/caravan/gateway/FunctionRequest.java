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
 * <p>It counts how many calls in a row have led here, as far as functions and callbacks pass {@value
 * CaravanHeaders#DEPTH_ON_THE_WIRE} on, and ends a chain that is too long with 508 (RFC 5842 section 7.2): it is most
 * likely a loop.
 *
 * <p>The answer carries the call's headers ({@link CallStamp}), unless the function says them itself.
 */
public final class FunctionRequest implements Processor {

    private final String defaultNamespace;
    private final CallStamp stamp;
    private final int longestChain;

    /** @param longestChain how many calls in a row may each come from the one before */
    public FunctionRequest(String defaultNamespace, CallStamp stamp, int longestChain) {
        this.defaultNamespace = defaultNamespace;
        this.stamp = stamp;
        this.longestChain = longestChain;
    }

    /** @throws HttpFailure 404 when no function can have that name; 508 when the chain is too long */
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
        setUnlessNull(message, CaravanHeaders.DEPTH, depth(head));
    }

    /** Null for a call that does not say where it comes from: then nothing is added to what a function sees. */
    private @Nullable String depth(RequestHead head) {
        String name = CaravanHeaders.DEPTH_ON_THE_WIRE;
        if (!head.headers().contains(name)) {
            return null;
        }
        int deepest = 0;
        for (String text : head.headers().getAll(name)) {
            if (!text.matches("[0-9]{1,9}")) {
                throw new HttpFailure(400, name + " must be the number that came with the call before, or be left out");
            }
            deepest = Math.max(deepest, Integer.parseInt(text));
        }
        if (deepest >= longestChain) {
            throw new HttpFailure(
                    508,
                    "loop detected: " + deepest + " calls in a row led to this one (CARAVAN_CHAIN_DEPTH is "
                            + longestChain + ")");
        }
        return Integer.toString(deepest + 1);
    }

    private static void setUnlessNull(Message message, String name, @Nullable String value) {
        if (value != null) {
            message.setHeader(name, value);
        }
    }
}
