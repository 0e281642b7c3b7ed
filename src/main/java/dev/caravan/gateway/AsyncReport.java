package dev.caravan.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.CallEvents;
import dev.caravan.function.FunctionName;
import java.io.IOException;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code asyncReport}: what a worker outside Caravan says about a call it made, {@code {name, statusCode, timeTaken}}
 * (contract section 1.13). It only counts; a report that cannot be read is accepted and ignored, as it always was.
 *
 * <p>An {@code X-Call-Id} that came with it changes nothing either. A call is over when its message is: ended by a
 * report while that stands in its queue, or runs, it would be over twice, and without the callback or dead letter that it
 * is owed.
 */
public final class AsyncReport implements Processor {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final CallEvents events;
    private final String defaultNamespace;

    public AsyncReport(CallEvents events, String defaultNamespace) {
        this.events = events;
        this.defaultNamespace = defaultNamespace;
    }

    @Override
    public void process(Exchange exchange) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        if (body != null) {
            report(body);
        }
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
        exchange.getMessage().setBody(null);
    }

    private void report(byte[] body) {
        try {
            JsonNode report = JSON.readTree(body);
            double seconds = Math.min(Math.max(0, report.path("timeTaken").asDouble()), Integer.MAX_VALUE);
            int status = report.path("statusCode").asInt();
            if (status >= 100 && status <= 599) {
                FunctionName.parse(report.path("name").asText(), defaultNamespace)
                        .ifPresent(function ->
                                events.reported(function, status, Duration.ofNanos((long) (seconds * 1e9))));
            }
        } catch (IOException e) {
            // Contract section 1.13: body errors are ignored.
        }
    }
}
