package dev.caravan.queue;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.activemq.util.IdGenerator;

/**
 * Short names for connections, such as {@code ID:1h2k3v9qf0zzx-7}.
 *
 * <p>A message's id begins with the one of its connection, stands six times in the journal and once in each of two
 * indexes, which are written anew page by page for every message. The client's own names, with host, port and time, made
 * accepting a call 5 % dearer, and more on hosts with long names. 62 random bits keep processes apart.
 */
final class ConnectionIds extends IdGenerator {

    private static final String PROCESS =
            "ID:" + Long.toUnsignedString(UUID.randomUUID().getLeastSignificantBits(), Character.MAX_RADIX) + "-";

    private static final AtomicLong COUNT = new AtomicLong();

    @Override
    public String generateId() {
        return PROCESS + COUNT.incrementAndGet();
    }
}
