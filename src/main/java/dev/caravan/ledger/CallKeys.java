package dev.caravan.ledger;

import dev.caravan.function.CallId;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Call ids as 16 bytes: a random key is what costs most in an index, and most ids are UUIDs anyway. */
final class CallKeys {

    private CallKeys() {}

    static UUID key(CallId id) {
        if (isUuid(id)) {
            return UUID.fromString(id.text());
        }
        ByteBuffer hash = ByteBuffer.wrap(Fingerprint.sha256(id.text()));
        // Version 8 (RFC 9562 section 5.8), so that no random id is ever equal to it.
        long high = (hash.getLong() & ~0xF000L) | 0x8000L;
        long low = (hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    /** What must be kept beside the key to get the id back; null for nothing. */
    static @Nullable String text(CallId id) {
        return isUuid(id) ? null : id.text();
    }

    static CallId id(UUID key, @Nullable String text) {
        return new CallId(text == null ? key.toString() : text);
    }

    private static boolean isUuid(CallId id) {
        return isUuid(id.text());
    }

    /** Whether it is a whole id that is kept as a UUID: only the form that {@link UUID#toString} gives back. */
    static boolean isUuid(String id) {
        if (id.length() != 36) {
            return false;
        }
        // By hand: it is asked twice for every call that is written.
        for (int i = 0; i < 36; i++) {
            char c = id.charAt(i);
            boolean fits =
                    i == 8 || i == 13 || i == 18 || i == 23 ? c == '-' : c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
            if (!fits) {
                return false;
            }
        }
        return true;
    }
}
