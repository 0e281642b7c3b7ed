package dev.caravan.component.calls;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.FunctionAnswer;
import dev.caravan.component.HeaderRules;
import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.FunctionName;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.QueueNames;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code callbackMessage}: makes the message that carries a finished call's result to the callback queue: the
 * function's own headers and body, and the headers that say which call it was and how it went (contract section 2.3). A
 * call that never got an answer is reported as status 503 with no body and no header of a function.
 */
public final class CallbackMessage implements Processor {

    private static final byte[] NOTHING = {};

    private final BodyFiles bodyFiles;
    private final ToIntFunction<FunctionName> retries;
    private final Duration maxAge;
    private final InstantSource clock;
    private final String servedBy;

    /**
     * @param retries how often a failed call of a function may be tried again
     * @param maxAge how long a callback is tried
     * @param version of Caravan
     */
    public CallbackMessage(
            BodyFiles bodyFiles,
            ToIntFunction<FunctionName> retries,
            Duration maxAge,
            InstantSource clock,
            String version) {
        this.bodyFiles = bodyFiles;
        this.retries = retries;
        this.maxAge = maxAge;
        this.clock = clock;
        this.servedBy = "caravan/" + version;
    }

    @Override
    public void process(Exchange exchange) {
        Work work = Work.of(exchange);
        FunctionAnswer answer = work.lastAttempt().statusCode() == 0
                ? null
                : exchange.getProperty(CaravanHeaders.FUNCTION_ANSWER, FunctionAnswer.class);
        Call callback = callback(work, answer);
        byte[] body = answer == null ? NOTHING : answer.body();
        String file =
                bodyFiles.isLarge(body) ? bodyFiles.writeAnswer(callback.id(), callback.generation(), body) : null;
        Outgoing.prepare(
                exchange,
                QueueNames.physical(callback.queue(), callback.function()),
                CallProperties.of(callback, file),
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
                null,
                call.generation(),
                1,
                call.priority(),
                clock.instant(),
                clock.instant().plus(maxAge),
                List.of());
    }

    private Map<String, List<String>> headers(Work work, @Nullable FunctionAnswer answer) {
        Call call = work.call();
        Attempt last = work.lastAttempt();
        var headers = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        if (answer != null) {
            headers.put("X-Start-Time", List.of(nanos(work.startedAt())));
            headers.put("X-Served-By", List.of(servedBy));
            answer.headers().forEach((name, values) -> {
                if (isTheFunctions(name)) {
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
        int allowed = retries.applyAsInt(call.function());
        // A crash may make it more attempts than the policy has: whoever reads this wants to know whether it is the
        // last.
        headers.put("X-Retry", List.of(Integer.toString(Math.min(call.attempt() - 1, allowed))));
        headers.put("X-Retry-Max", List.of(Integer.toString(allowed)));
        String depth = JudgeCall.first(call.headers(), CaravanHeaders.DEPTH_ON_THE_WIRE);
        if (depth != null) {
            headers.put(CaravanHeaders.DEPTH_ON_THE_WIRE, List.of(depth));
        }
        if (call.generation() > 1) {
            headers.put("X-Caravan-Generation", List.of(Integer.toString(call.generation())));
        }
        return headers;
    }

    /** A function speaks for itself: what Caravan says of it, and to whom the request goes, is not its to say. */
    private static boolean isTheFunctions(String name) {
        return HeaderRules.leavesMessages(name)
                && !name.regionMatches(true, 0, "X-Caravan-", 0, 10)
                && !name.equalsIgnoreCase("Host");
    }

    private static String nanos(Instant instant) {
        return Long.toString(instant.getEpochSecond() * 1_000_000_000L + instant.getNano());
    }
}
