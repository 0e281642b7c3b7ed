package dev.caravan.function;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
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

    /** Where this process counts from. */
    private static final AtomicLong COUNT = new AtomicLong(UUID.randomUUID().getMostSignificantBits());

    /** @throws IllegalArgumentException when it is not well-formed */
    public CallId {
        if (!wellFormed(text)) {
            throw new IllegalArgumentException("call id must be 8 to 64 letters, digits, - or _");
        }
    }

    /**
     * One of our own: a UUID of version 4 of which 74 bits are random, so it cannot be guessed. The first 48 are counted
     * from a random start: an index in which new ids are neighbours stays small and cheap (with a million calls in it,
     * the ledger was a tenth as large as with ids that are random from the first bit).
     */
    public static CallId random() {
        UUID random = UUID.randomUUID();
        long high = (COUNT.getAndIncrement() << 16) | (random.getMostSignificantBits() & 0xFFFFL);
        return new CallId(new UUID(high, random.getLeastSignificantBits()).toString());
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
