package dev.caravan.gateway;

import dev.caravan.function.CallEvents;
import dev.caravan.gateway.AcceptCall.Accepting;
import dev.caravan.queue.BodyFiles;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code refuseCall}: the broker did not take the call, so the caller is told to come again: 503, never a false 202. */
public final class RefuseCall implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(RefuseCall.class);

    private final BodyFiles bodyFiles;
    private final CallEvents events;

    public RefuseCall(BodyFiles bodyFiles, CallEvents events) {
        this.bodyFiles = bodyFiles;
        this.events = events;
    }

    @Override
    public void process(Exchange exchange) {
        Accepting refused = Accepting.of(exchange);
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        LOG.warn(
                "call refused, the broker did not take it function={} error={}",
                refused.call().function(),
                String.valueOf(cause).replace('\n', ' '));
        if (refused.bodyFile() != null) {
            bodyFiles.delete(refused.bodyFile());
        }
        events.refused(503);
        throw new HttpFailure(503, "the broker did not take the call", Map.of("Retry-After", "5"));
    }
}
