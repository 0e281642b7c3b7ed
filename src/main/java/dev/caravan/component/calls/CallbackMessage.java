package dev.caravan.component.calls;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.FunctionAnswer;
import dev.caravan.component.HeaderRules;
import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.QueueNames;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code callbackMessage}: makes the message that carries a finished call's result to the callback queue: the
 * function's own headers and body, and the four headers that say which call it was (contract section 2.3). A call that
 * never got an answer is reported as status 503 with no body.
 */
public final class CallbackMessage implements Processor {

    private static final byte[] NOTHING = {};

    private final CallMessages messages;
    private final BodyFiles bodyFiles;
    private final Duration maxAge;
    private final InstantSource clock;

    /** @param maxAge how long a callback is tried */
    public CallbackMessage(CallMessages messages, BodyFiles bodyFiles, Duration maxAge, InstantSource clock) {
        this.messages = messages;
        this.bodyFiles = bodyFiles;
        this.maxAge = maxAge;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Work work = Work.of(exchange);
        FunctionAnswer answer = work.lastAttempt().statusCode() == 0
                ? null
                : exchange.getProperty(CaravanHeaders.FUNCTION_ANSWER, FunctionAnswer.class);
        Call callback = callback(work, answer);
        byte[] body = answer == null ? NOTHING : answer.body();
        String file = body.length > BodyFiles.THRESHOLD ? bodyFiles.write(body) : null;
        Outgoing.prepare(
                exchange,
                QueueNames.physical(callback.queue(), callback.function()),
                messages.properties(callback, file),
                file == null ? body : NOTHING);
    }

    private Call callback(Work work, @Nullable FunctionAnswer answer) {
        Call call = work.call();
        return new Call(
                call.id(),
                call.function(),
                call.calledAs(),
                QueueNames.CALLBACK_QUEUE,
                "/",
                null,
                headers(work, answer),
                null,
                call.callbackUrl(),
                null,
                call.generation(),
                1,
                call.priority(),
                clock.instant(),
                clock.instant().plus(maxAge),
                List.of());
    }

    private static Map<String, List<String>> headers(Work work, @Nullable FunctionAnswer answer) {
        Call call = work.call();
        Attempt last = work.lastAttempt();
        var headers = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        if (answer != null) {
            answer.headers().forEach((name, values) -> {
                if (HeaderRules.leavesMessages(name)) {
                    headers.put(name, values);
                }
            });
            if (answer.truncated()) {
                headers.put("X-Caravan-Truncated", List.of("true"));
            }
        }
        int status = last.statusCode() == 0 ? 503 : last.statusCode();
        headers.put("X-Call-Id", List.of(call.id().text()));
        headers.put("X-Function-Name", List.of(call.calledAs()));
        headers.put("X-Function-Status", List.of(Integer.toString(status)));
        headers.put(
                "X-Duration-Seconds",
                List.of(String.format(Locale.ROOT, "%.6f", last.took().toNanos() / 1e9)));
        if (call.generation() > 1) {
            headers.put("X-Caravan-Generation", List.of(Integer.toString(call.generation())));
        }
        return headers;
    }
}
