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

    static boolean isDeadLetters(String physical) {
        return physical.startsWith(DEAD_LETTER_PREFIX);
    }

    /** The physical queue that a dead-letter queue is of. */
    static String ofDeadLetters(String deadLetterQueue) {
        return deadLetterQueue.substring(DEAD_LETTER_PREFIX.length());
    }

    /** The logical queue of a physical one. */
    public static String logical(String physical) {
        int dot = physical.indexOf('.');
        return dot < 0 ? physical : physical.substring(0, dot);
    }

    /** Whose calls or results a physical queue holds; empty when its name is not made like one of ours. */
    public static Optional<FunctionName> function(String physical) {
        String[] parts = physical.split("\\.", -1);
        return parts.length == 3 && FunctionName.isLabel(parts[1]) && FunctionName.isLabel(parts[2])
                ? Optional.of(new FunctionName(parts[2], parts[1]))
                : Optional.empty();
    }

    /** Whether {@code name} may be a logical queue: lower-case letters, digits, dash, underscore (contract 3.2). */
    public static boolean isLogical(String name) {
        return LOGICAL.matcher(name).matches();
    }
}
