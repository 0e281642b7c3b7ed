package dev.caravan.queue;

import dev.caravan.function.FunctionName;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How queues are called on the broker. A logical queue is one physical queue per function, so that one function's
 * burst never stands before another's calls; names are on disk and must not change.
 */
public final class QueueNames {

    /** Where calls wait unless their function's {@code com.openfaas.queue} annotation says otherwise. */
    public static final String DEFAULT_QUEUE = "faas-request";

    /** Where results wait for their callback URL. */
    public static final String CALLBACK_QUEUE = "faas-callback";

    private static final String DEAD_LETTER_PREFIX = "DLQ.";
    private static final Pattern LOGICAL = Pattern.compile("[a-z0-9_-]{1,64}");

    private QueueNames() {}

    /** {@code Q.<namespace>.<function>}. */
    public static String physical(String logical, FunctionName function) {
        return logical + "." + function.namespace() + "." + function.name();
    }

    /** {@code DLQ.Q.<namespace>.<function>}. */
    public static String deadLetters(String logical, FunctionName function) {
        return deadLetters(physical(logical, function));
    }

    /** The dead-letter queue of a physical queue. */
    public static String deadLetters(String physical) {
        return DEAD_LETTER_PREFIX + physical;
    }

    /** The logical queue of a physical one. */
    public static String logical(String physical) {
        int dot = physical.indexOf('.');
        return dot < 0 ? physical : physical.substring(0, dot);
    }

    /** Whose calls a physical queue holds; empty for results on their way, and for names that are no function's. */
    static Optional<FunctionName> function(String physical) {
        String[] parts = physical.split("\\.", -1);
        if (parts.length != 3 || parts[0].equals(CALLBACK_QUEUE)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new FunctionName(parts[2], parts[1]));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // any client may make a queue of any name
        }
    }

    /** Whether {@code name} may be a logical queue: lower-case letters, digits, dash, underscore (contract 3.2). */
    public static boolean isLogical(String name) {
        return LOGICAL.matcher(name).matches();
    }
}
