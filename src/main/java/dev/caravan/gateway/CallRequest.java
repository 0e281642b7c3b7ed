package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.HeaderRules;
import dev.caravan.component.RequestHead;
import dev.caravan.function.FunctionName;
import io.vertx.core.MultiMap;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code callRequest}: makes of any message, whatever set its route off, what {@code POST /async-function/NAME} would have
 * brought in, so that the steps at the door treat both alike. {@code CaravanFunction} names the function, as {@code NAME}
 * or {@code NAME.NAMESPACE}; {@code CaravanNamespace}, {@code CaravanPath} and {@code CaravanQuery} may say more. The body
 * goes along, and those headers that an HTTP request could have had. {@link CallQueued} gives the message back.
 */
public final class CallRequest implements Processor {

    /** What the message was before. */
    record Asked(Message message, @Nullable RequestHead head) {
        static final String PROPERTY = "CaravanAsked";
    }

    private static final byte[] NOTHING = {};

    private final String defaultNamespace;
    private final long maxBody;

    /** @param maxBody in bytes; the door's limit holds for those who come from inside too */
    public CallRequest(String defaultNamespace, long maxBody) {
        this.defaultNamespace = defaultNamespace;
        this.maxBody = maxBody;
    }

    /** @throws HttpFailure 404 when no function can have that name; 413 when the body is too large */
    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        String name = message.getHeader(CaravanHeaders.FUNCTION, String.class);
        if (name == null) {
            throw new IllegalArgumentException("which function is called? set the header " + CaravanHeaders.FUNCTION
                    + " before direct:queue-call");
        }
        String namespace = message.getHeader(CaravanHeaders.NAMESPACE, defaultNamespace, String.class);
        FunctionName function = FunctionName.parse(name, namespace)
                .orElseThrow(() -> new HttpFailure(404, "no function can be named \"" + name + "\""));
        byte[] body = Optional.ofNullable(message.getBody(byte[].class)).orElse(NOTHING);
        if (body.length > maxBody) {
            throw new HttpFailure(413, "the body is larger than CARAVAN_MAX_BODY");
        }
        message.setBody(body);
        exchange.setProperty(
                Asked.PROPERTY,
                new Asked(message.copy(), exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class)));
        exchange.setProperty(CaravanHeaders.REQUEST_HEAD, head(message, name, function));
    }

    private static RequestHead head(Message message, String name, FunctionName function) {
        String path = message.getHeader(CaravanHeaders.PATH, "/", String.class);
        return new RequestHead(
                "POST",
                "/async-function/" + function.qualified() + (path.startsWith("/") ? path : "/" + path),
                message.getHeader(CaravanHeaders.QUERY, String.class),
                headers(message),
                "",
                "http",
                null,
                null,
                null,
                Map.of("name", name));
    }

    private static MultiMap headers(Message message) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        for (String name : message.getHeaders().keySet()) {
            String value = HeaderRules.entersMessages(name) ? message.getHeader(name, String.class) : null;
            if (value != null && HeaderRules.leavesMessages(name) && HeaderRules.isValue(value)) {
                headers.add(name, value);
            }
        }
        return headers;
    }
}
