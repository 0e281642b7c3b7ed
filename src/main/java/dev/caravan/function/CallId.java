package dev.caravan.function;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a call, {@code X-Call-Id} on the wire.
 *
 * <p>Ours are random UUIDs in lower case (contract section 2.1); a caller's own is kept when it is 8 to 64 letters,
 * digits, dashes or underscores, so that it is safe in a path, a log line and a dead letter's id.
 */
public record CallId(String text) {

    private static final int SHORTEST = 8;
    private static final int LONGEST = 64;

    /** @throws IllegalArgumentException when it is not well-formed */
    public CallId {
        if (!wellFormed(text)) {
            throw new IllegalArgumentException("call id must be 8 to 64 letters, digits, - or _");
        }
    }

    public static CallId random() {
        return new CallId(UUID.randomUUID().toString());
    }

    /** The one id that a message of another JMS client always maps to (UUIDv5, RFC 9562 section 5.5). */
    public static CallId ofJmsMessage(String jmsMessageId) {
        return new CallId(NameBasedUuid.version5(jmsMessageId.getBytes(StandardCharsets.UTF_8))
                .toString());
    }

    /** A caller's id, when it is well-formed. */
    public static Optional<CallId> parse(@Nullable String text) {
        return text != null && wellFormed(text) ? Optional.of(new CallId(text)) : Optional.empty();
    }

    private static boolean wellFormed(String text) {
        if (text.length() < SHORTEST || text.length() > LONGEST) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            if (!letterOrDigit && c != '-' && c != '_') {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return text;
    }
}
