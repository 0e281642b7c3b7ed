package dev.caravan.gateway;

import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.gateway.AcceptCall.Accepting;
import dev.caravan.ledger.IdempotencyKeys;
import dev.caravan.ledger.KeyLease;
import dev.caravan.ledger.LedgerException;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.CallProperties;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code claimKey}: sees to it that requests with one {@code Idempotency-Key} make one call. Comes after {@code
 * acceptCall} and before the send. Sets {@value #REPLAYED} when the request was accepted before, and then the answer: 202
 * with the first call's id. Without the header it does nothing.
 *
 * <p>Refuses with one line: 422 when the key stands for another request, 503 when the key cannot be written.
 */
public final class ClaimKey implements Processor {

    /** Exchange property: true when there is nothing to send. */
    static final String REPLAYED = "CaravanReplayed";

    private static final Logger LOG = LoggerFactory.getLogger(ClaimKey.class);

    private final IdempotencyKeys keys;
    private final BodyFiles bodyFiles;
    private final CallEvents events;

    public ClaimKey(IdempotencyKeys keys, BodyFiles bodyFiles, CallEvents events) {
        this.keys = keys;
        this.bodyFiles = bodyFiles;
        this.events = events;
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Accepting accepting = Accepting.of(exchange);
        KeyedRequest keyed = accepting.keyed();
        if (keyed == null) {
            return;
        }
        try {
            keys.claim(keyed.scope(), keyed.fingerprint(), accepting.call().id())
                    .<@Nullable Void>fold(
                            lease -> send(exchange, accepting, lease),
                            first -> replay(exchange, accepting, first),
                            () -> refuse(422, "Idempotency-Key was used for another request before"),
                            () -> refuse(503, "a request with this Idempotency-Key is just being accepted"));
        } catch (LedgerException e) {
            LOG.warn("call refused, its idempotency key cannot be written error={}", e.getMessage());
            drop(accepting);
            refuse(503, "the idempotency key could not be written");
        } catch (HttpFailure refused) {
            drop(accepting);
            throw refused;
        }
    }

    private @Nullable Void send(Exchange exchange, Accepting accepting, KeyLease lease) {
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                lease.close();
            }
        });
        Accepting leased = accepting.under(lease);
        exchange.setProperty(Accepting.PROPERTY, leased);
        if (!lease.id().equals(accepting.call().id())) {
            // A process before this one promised the call this id and did not come to send it, or to tell that it had.
            exchange.getMessage().getHeaders().putAll(CallProperties.of(leased.call(), leased.bodyFile()));
        }
        return null;
    }

    private @Nullable Void replay(Exchange exchange, Accepting accepting, CallId first) {
        drop(accepting);
        CallHeaders answered = exchange.getProperty(CallHeaders.PROPERTY, CallHeaders.class);
        exchange.setProperty(CallHeaders.PROPERTY, answered.as(first.text()));
        exchange.setProperty(REPLAYED, true);
        Message answer = exchange.getMessage();
        answer.removeHeaders("*");
        answer.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
        answer.setHeader("Idempotent-Replayed", "true");
        answer.setBody(null);
        return null;
    }

    private @Nullable Void refuse(int status, String why) {
        events.refused(status);
        throw new HttpFailure(status, why, status == 503 ? Map.of("Retry-After", "5") : Map.of());
    }

    private void drop(Accepting accepting) {
        if (accepting.bodyFile() != null) {
            bodyFiles.delete(accepting.bodyFile());
        }
    }
}
