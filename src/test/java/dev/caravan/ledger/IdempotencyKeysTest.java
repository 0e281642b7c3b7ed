package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.CallId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which call a key stands for: one, for 24 hours, whoever asks and whatever ends in between. */
class IdempotencyKeysTest {

    @TempDir
    Path folder;

    private volatile Instant now = Calls.NOW;
    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = new Ledger(folder, () -> now);
        ledger.open();
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void theFirstSendsAndTheOthersAreToldItsId() throws Exception {
        CallId first = CallId.random();

        try (KeyLease lease = leased(claim("key", "request", first))) {
            assertThat(lease.id()).isEqualTo(first);
            lease.sent();
        }

        // Written with the next group: what any other key does.
        leased(claim("other", "request", CallId.random())).close();
        assertThat(claim("key", "request", CallId.random())).isEqualTo(new KeyClaim.Replayed(first));
        assertThat(claim("key", "another", CallId.random())).isEqualTo(new KeyClaim.Mismatch());
    }

    @Test
    void whatWasNeverSentIsSentByTheNextUnderTheSameId() throws Exception {
        CallId first = CallId.random();
        leased(claim("key", "request", first)).close();

        KeyLease again = leased(claim("key", "request", CallId.random()));

        assertThat(again.id()).isEqualTo(first);
        again.close();
    }

    @Test
    void aCallThatTheLedgerKnowsWasSent() throws Exception {
        CallId first = CallId.random();
        leased(claim("key", "request", first)).close();

        ledger.accepted(Calls.call(first, 1, 1), null);

        assertThat(claim("key", "request", CallId.random())).isEqualTo(new KeyClaim.Replayed(first));
    }

    @Test
    void aKeyOutlivesTheProcess() throws Exception {
        CallId first = CallId.random();
        try (KeyLease lease = leased(claim("key", "request", first))) {
            lease.sent();
        }
        leased(claim("other", "request", CallId.random())).close();

        ledger.close();
        open();

        assertThat(claim("key", "request", CallId.random())).isEqualTo(new KeyClaim.Replayed(first));
    }

    @Test
    void whoComesMeanwhileWaitsForTheFirst() throws Exception {
        ExecutorService others = Executors.newCachedThreadPool();
        try {
            CallId first = CallId.random();
            KeyLease lease = leased(claim("key", "request", first));
            List<Future<KeyClaim>> waiting = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                waiting.add(others.submit(() -> claim("key", "request", CallId.random())));
            }
            assertThat(claim("key", "another", CallId.random())).isEqualTo(new KeyClaim.Mismatch());
            assertThat(waiting).noneMatch(Future::isDone);

            ledger.accepted(Calls.call(first, 1, 1), null);
            lease.close();

            for (Future<KeyClaim> other : waiting) {
                assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(new KeyClaim.Replayed(first));
            }
        } finally {
            others.shutdownNow();
        }
    }

    @Test
    void afterADayAKeyIsFree() throws Exception {
        CallId first = CallId.random();
        leased(claim("key", "request", first)).close();
        CallId second = CallId.random();

        now = Calls.NOW.plus(IdempotencyKeys.KEPT).minusMillis(1);
        assertThat(claim("key", "another", second)).isEqualTo(new KeyClaim.Mismatch());
        now = Calls.NOW.plus(IdempotencyKeys.KEPT);

        KeyLease lease = leased(claim("key", "another", second));
        assertThat(lease.id()).isEqualTo(second);
        lease.close();
    }

    @Test
    void oldKeysAreRemovedAndYoungOnesStay() throws Exception {
        for (int i = 0; i < 1_200; i++) {
            enter("old-" + i);
        }
        now = Calls.NOW.plus(Duration.ofHours(1));
        enter("young");

        now = Calls.NOW.plus(IdempotencyKeys.KEPT);
        ledger.keys().removeExpired();

        assertThat(rows()).isEqualTo(1);
        assertThat(claim("young", "another", CallId.random())).isEqualTo(new KeyClaim.Mismatch());
    }

    @Test
    void aKeyThatCannotBeWrittenIsNotGiven() throws Exception {
        ledger.database().disconnect();

        assertThatThrownBy(() -> claim("key", "request", CallId.random())).isInstanceOf(LedgerException.class);
        // Nobody waits for it for ever.
        assertThatThrownBy(() -> claim("key", "request", CallId.random())).isInstanceOf(LedgerException.class);
    }

    private KeyClaim claim(String scope, String request, CallId id) throws InterruptedException {
        return ledger.keys().claim(scope, request, id);
    }

    /** Without the sync that a claim waits for. */
    private void enter(String scope) throws SQLException {
        try (Connection connection = ledger.database().connection()) {
            KeyTable.put(connection, scope, "request", CallId.random(), now, now.plus(IdempotencyKeys.KEPT));
            connection.commit();
        }
    }

    private int rows() throws SQLException {
        try (Connection connection = ledger.database().connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM idempotency_key")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static KeyLease leased(KeyClaim claim) {
        return claim.fold(
                lease -> lease,
                first -> {
                    throw new AssertionError("replayed as " + first);
                },
                () -> {
                    throw new AssertionError("another request");
                },
                () -> {
                    throw new AssertionError("busy");
                });
    }
}
