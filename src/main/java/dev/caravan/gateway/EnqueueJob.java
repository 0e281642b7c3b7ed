package dev.caravan.gateway;

import dev.caravan.config.Durations;
import dev.caravan.resque.Payload;
import dev.caravan.resque.Payload.InvalidPayload;
import dev.caravan.resque.RedisException;
import dev.caravan.resque.Resque;
import java.time.Duration;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code enqueueJob}: puts {@code {"class", "args"}} on the queue of Resque that the path names, for whoever works there, or
 * leaves it to a scheduler ({@code X-Delay}). 202 when Redis has it.
 */
public final class EnqueueJob implements Processor {

    private static final byte[] NOTHING = {};

    private final @Nullable Resque resque;

    /** @param resque null where there is none; then no route comes here */
    public EnqueueJob(@Nullable Resque resque) {
        this.resque = resque;
    }

    /** @throws HttpFailure 400 when it is no job; 503 when Redis does not take it */
    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        Resque here = resque;
        if (here == null) {
            throw new HttpFailure(503, "there is no Resque here, set CARAVAN_REDIS_URL");
        }
        String queue = message.getHeader("queue", "", String.class);
        byte[] body = Answer.body(message);
        try {
            Payload job = Payload.read(body == null ? NOTHING : body);
            Audit.subject(exchange, queue);
            here.push(here.namespace(), delay(message), queue, job.className(), job.args());
        } catch (InvalidPayload e) {
            throw new HttpFailure(400, "the body is no job, {\"class\": \"Hello\", \"args\": []}: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, String.valueOf(e.getMessage()));
        } catch (RedisException e) {
            throw new HttpFailure(503, "Redis did not take the job", Map.of("Retry-After", "5"));
        }
        Answer.to(exchange, done -> Answer.ACCEPTED);
    }

    private static Duration delay(Message message) {
        String delay = message.getHeader("X-Delay", String.class);
        try {
            return delay == null ? Duration.ZERO : Durations.parse(delay.strip());
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, "X-Delay " + e.getMessage());
        }
    }
}
