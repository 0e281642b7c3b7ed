package dev.caravan.component.calls;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.FunctionAnswer;
import dev.caravan.component.HeaderRules;
import dev.caravan.ledger.CallResult;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** What is kept of a function's last answer, for who asks for the result. */
final class Answered {

    private Answered() {}

    /**
     * @param limit in bytes; a body above it is not kept
     * @return null when the last attempt had no answer
     */
    static @Nullable CallResult result(Exchange exchange, Work work, long limit) {
        FunctionAnswer answer = work.lastAttempt().statusCode() == 0
                ? null
                : exchange.getProperty(CaravanHeaders.FUNCTION_ANSWER, FunctionAnswer.class);
        if (answer == null) {
            return null;
        }
        boolean kept = answer.size() <= limit && !answer.truncated();
        return new CallResult(headers(answer), answer.size(), kept ? ByteBuffer.wrap(answer.body()) : null);
    }

    private static Map<String, List<String>> headers(FunctionAnswer answer) {
        var headers = new LinkedHashMap<String, List<String>>();
        answer.headers().forEach((name, values) -> {
            if (isAboutTheAnswer(name)) {
                List<String> valid = new ArrayList<>(values);
                valid.removeIf(value -> !HeaderRules.isValue(value));
                if (!valid.isEmpty()) {
                    headers.put(name, valid);
                }
            }
        });
        return headers;
    }

    /** Date and server were about the moment in which it was given. */
    private static boolean isAboutTheAnswer(String name) {
        return HeaderRules.leavesMessages(name)
                && !name.equalsIgnoreCase("date")
                && !name.equalsIgnoreCase("server")
                && !name.equalsIgnoreCase("x-duration-seconds")
                && !name.equalsIgnoreCase("x-call-id");
    }
}
