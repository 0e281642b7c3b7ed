package dev.caravan.component.calls;

import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Makes the exchange's message what the next {@code activemq:} step sends. */
final class Outgoing {

    /** Camel's JMS component sends to the queue this header names, whatever the endpoint's URI says. */
    private static final String DESTINATION = "CamelJmsDestinationName";

    private Outgoing() {}

    /**
     * Replaces headers and body. Nothing of what was there remains: a {@code scheduledJobId} would make the broker
     * deliver a delayed message at once.
     */
    static void prepare(Exchange exchange, String queue, Map<String, Object> properties, byte[] body) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.getHeaders().putAll(properties);
        message.setHeader(DESTINATION, queue);
        message.setBody(body);
    }
}
