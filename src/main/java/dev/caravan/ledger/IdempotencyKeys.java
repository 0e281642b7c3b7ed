package dev.caravan.ledger;

import dev.caravan.function.CallId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Which call an idempotency key stands for, for 24 hours: so that a request that is repeated makes one call.
 *
 * <p>A key is on disk before its call's message is sent. Whether that got out is written soon after, with the next group:
 * a crash before leaves the call's own row to tell, and a message that was sent twice under one id is recognised when it
 * is taken. Two nodes that get the same key at the same moment may both send, under one id. For any thread.
 */
public final class IdempotencyKeys {

    /** How long a key stands for its call. */
    public static final Duration KEPT = Duration.ofHours(24);

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int BATCH = 1_000;

    /** A request that is being accepted here. */
    private record InFlight(String request, CountDownLatch over) {}

    private final Database database;
    private final GroupCommit disk;
    private final Predicate<CallId> known;
    private final InstantSource clock;
    private final ConcurrentMap<String, InFlight> inFlight = new ConcurrentHashMap<>();

    /** @param known whether a call of this id was ever accepted */
    IdempotencyKeys(Database database, Predicate<CallId> known, InstantSource clock) {
        this.database = database;
        this.disk = new GroupCommit(database);
        this.known = known;
        this.clock = clock;
    }

    /**
     * Asks for the right to send a call. Waits for whoever has it now.
     *
     * @param scope what the key is one of, and the key; at most 64 characters
     * @param request what must be the same each time; at most 64 characters
     * @param id of the call that is sent when the key is new
     * @throws LedgerException when the database cannot be asked or written
     */
    public KeyClaim claim(String scope, String request, CallId id) throws InterruptedException {
        var mine = new InFlight(request, new CountDownLatch(1));
        for (InFlight other = inFlight.putIfAbsent(scope, mine);
                other != null;
                other = inFlight.putIfAbsent(scope, mine)) {
            if (!other.request().equals(request)) {
                return new KeyClaim.Mismatch();
            }
            if (!other.over().await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return new KeyClaim.Busy();
            }
        }
        boolean leased = false;
        try {
            KeyClaim claim = decide(scope, request, id, mine);
            leased = claim instanceof KeyClaim.Ours;
            return claim;
        } catch (SQLException e) {
            throw new LedgerException("cannot write an idempotency key: " + Database.oneLine(e), e);
        } finally {
            if (!leased) {
                end(scope, mine);
            }
        }
    }

    /** Removes keys that stand for nothing any more. */
    public void removeExpired() {
        try {
            int[] removed = {BATCH};
            while (removed[0] == BATCH) {
                disk.commit(connection -> removed[0] = KeyTable.removeExpired(connection, clock.instant(), BATCH));
            }
        } catch (SQLException e) {
            throw new LedgerException("cannot remove old idempotency keys: " + Database.oneLine(e), e);
        }
    }

    private KeyClaim decide(String scope, String request, CallId id, InFlight mine) throws SQLException {
        Optional<KeyTable.Stored> stored = find(scope);
        if (stored.isEmpty()) {
            Instant now = clock.instant();
            try {
                disk.commit(connection -> KeyTable.put(connection, scope, request, id, now, now.plus(KEPT)));
                return new KeyClaim.Ours(lease(scope, id, mine));
            } catch (SQLException e) {
                // Another node was faster, or nothing can be written at all.
                stored = find(scope);
                if (stored.isEmpty()) {
                    throw e;
                }
            }
        }
        KeyTable.Stored first = stored.get();
        if (!first.request().equals(request)) {
            return new KeyClaim.Mismatch();
        }
        return first.sent() || known.test(first.id())
                ? new KeyClaim.Replayed(first.id())
                : new KeyClaim.Ours(lease(scope, first.id(), mine));
    }

    private Optional<KeyTable.Stored> find(String scope) throws SQLException {
        try (Connection connection = database.connection()) {
            return KeyTable.find(connection, scope, clock.instant());
        }
    }

    private KeyLease lease(String scope, CallId id, InFlight mine) {
        return new KeyLease(
                id, () -> disk.later(connection -> KeyTable.sent(connection, scope, id)), () -> end(scope, mine));
    }

    private void end(String scope, InFlight mine) {
        inFlight.remove(scope, mine);
        mine.over().countDown();
    }
}
