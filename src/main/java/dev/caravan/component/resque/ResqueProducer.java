package dev.caravan.component.resque;

import dev.caravan.config.Durations;
import dev.caravan.resque.Resque;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultProducer;

/** Puts a job on a queue: the message's body is its arguments, a JSON array, or none. */
final class ResqueProducer extends DefaultProducer {

    private static final String ANY = "*";

    private final ResqueEndpoint endpoint;

    ResqueProducer(ResqueEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    /** @throws IllegalArgumentException when the message does not say what job it is */
    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        Resque resque = endpoint.getComponent().resque();
        String queue = endpoint.getQueues().equals(ANY) ? said(message, ResqueHeaders.QUEUE, "") : endpoint.getQueues();
        String className = said(message, ResqueHeaders.CLASS, endpoint.getJobClass());
        String args = Optional.ofNullable(message.getBody(String.class))
                .filter(text -> !text.isBlank())
                .orElse("[]");
        String delay = said(message, ResqueHeaders.DELAY, "0");
        resque.push(endpoint.keys(), Durations.parse(delay), queue, className, args);
    }

    private static String said(Message message, String header, String otherwise) {
        String text = message.getHeader(header, String.class);
        return text == null || text.isBlank() ? otherwise : text.strip();
    }
}
