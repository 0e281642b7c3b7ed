package dev.caravan.function;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** UUID version 5 (RFC 9562 section 5.5), which the JDK does not make: {@link UUID#nameUUIDFromBytes} is version 3. */
final class NameBasedUuid {

    /** Caravan's own namespace; never change it, or redelivered messages get other call ids. */
    private static final UUID NAMESPACE = UUID.fromString("6f0b6d1c-2f0e-4f35-9a55-0f1d3c9f7a11");

    private NameBasedUuid() {}

    static UUID version5(byte[] name) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(ByteBuffer.allocate(16)
                    .putLong(NAMESPACE.getMostSignificantBits())
                    .putLong(NAMESPACE.getLeastSignificantBits())
                    .array());
            ByteBuffer hash = ByteBuffer.wrap(sha1.digest(name));
            long high = (hash.getLong() & ~0xF000L) | 0x5000L;
            long low = (hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
            return new UUID(high, low);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
