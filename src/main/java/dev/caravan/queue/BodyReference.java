package dev.caravan.queue;

import dev.caravan.function.CallId;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a body's file, {@code ab/CALL-ID.KIND.RANDOM}: it says whose body it is, so that a file that a crash left
 * behind can be told from one that is needed. The two letters in front spread the files over folders.
 *
 * @param generation of the call whose answer this is; 0 for what the call itself carries
 */
public record BodyReference(CallId callId, int generation, String text) {

    private static final Pattern FORM =
            Pattern.compile("[0-9a-f]{2}/([A-Za-z0-9_-]{8,64})\\.(?:call|answer-([1-9][0-9]{0,8}))\\.[0-9a-f]{12}");

    /** A new one for the body that a call carries, in all its generations. */
    static BodyReference ofCall(CallId id) {
        return named(id, 0, "call");
    }

    /** A new one for the answer that ended a generation of a call, on its way to the callback URL. */
    static BodyReference ofAnswer(CallId id, int generation) {
        return named(id, generation, "answer-" + generation);
    }

    private static BodyReference named(CallId id, int generation, String kind) {
        String random = Long.toHexString(UUID.randomUUID().getLeastSignificantBits() | Long.MIN_VALUE);
        return new BodyReference(
                id, generation, random.substring(2, 4) + "/" + id + "." + kind + "." + random.substring(4));
    }

    /** @throws IllegalArgumentException when it is none; whoever puts messages on a queue may have written it */
    static BodyReference parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "not a body reference: \"" + text.substring(0, Math.min(80, text.length())) + "\"");
        }
        int generation = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        return new BodyReference(new CallId(matcher.group(1)), generation, text);
    }

    /** Whether it is an answer's on its way to a callback URL. */
    public boolean ofAnswer() {
        return generation > 0;
    }
}
