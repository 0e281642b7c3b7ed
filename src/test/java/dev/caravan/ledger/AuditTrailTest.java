package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTrailTest {

    private static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");
    private static final AuditFilter ALL = new AuditFilter(null, null, null, null);

    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = ledger().as("node-1");
        ledger.open();
    }

    Ledger ledger() {
        return new Ledger(folder, InstantSource.system());
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void anEntryIsKeptWithAllItSaysAndTheNodeThatDidIt() {
        add(NOON, "olga", "purge-queue", 12L);

        assertThat(ledger.audit().page(ALL, 10, null))
                .isEqualTo(new AuditPage(List.of(entry(NOON, "olga", "purge-queue", 12L, "node-1")), null));
    }

    @Test
    void whyItWasDoneAndWhatChangedIsKept() {
        ledger.audit()
                .add(new AuditEntry(
                        NOON,
                        "olga",
                        "operator",
                        "limit-queue",
                        "POST /system/x",
                        "",
                        null,
                        202,
                        null,
                        "too slow",
                        "5 at once",
                        "10 at once"));

        assertThat(ledger.audit().page(ALL, 10, null).items())
                .singleElement()
                .extracting(AuditEntry::reason, AuditEntry::before, AuditEntry::after)
                .containsExactly("too slow", "5 at once", "10 at once");
    }

    @Test
    void entriesOutliveARestart() {
        add(NOON, "olga", "purge-queue", null);

        ledger.close();
        open();

        assertThat(ledger.audit().page(ALL, 10, null).items()).hasSize(1);
    }

    @Test
    void pagesFollowOneAnotherEvenThroughOneMillisecond() {
        for (int i = 0; i < 7; i++) {
            add(NOON.plusMillis(i / 3), "user-" + i, "pause-queue", null);
        }

        var seen = new ArrayList<String>();
        String cursor = null;
        do {
            AuditPage page = ledger.audit().page(ALL, 2, cursor);
            page.items().forEach(entry -> seen.add(entry.who()));
            cursor = page.next();
        } while (cursor != null);

        assertThat(seen).hasSize(7).doesNotHaveDuplicates();
        assertThat(seen.get(0)).isEqualTo("user-6");
        assertThat(seen.subList(4, 7)).containsExactlyInAnyOrder("user-0", "user-1", "user-2");
    }

    @Test
    void aFilterNamesWhoWhatAndWhen() {
        add(NOON, "olga", "purge-queue", null);
        add(NOON.plusSeconds(1), "olga", "pause-queue", null);
        add(NOON.plusSeconds(2), "jane", "pause-queue", null);

        assertThat(who(new AuditFilter("olga", null, null, null))).containsExactly("olga", "olga");
        assertThat(who(new AuditFilter(null, "pause-queue", null, null))).containsExactly("jane", "olga");
        assertThat(who(new AuditFilter(null, null, NOON.plusSeconds(1), NOON.plusSeconds(2))))
                .containsExactly("olga");
        assertThat(who(new AuditFilter("nobody", null, null, null))).isEmpty();
    }

    @Test
    void whatIsOldIsForgottenAndNothingElse() {
        add(NOON, "olga", "purge-queue", null);
        add(NOON.plusSeconds(1), "jane", "purge-queue", null);

        assertThat(ledger.audit().forget(NOON.plusSeconds(1))).isEqualTo(1);

        assertThat(who(ALL)).containsExactly("jane");
    }

    @Test
    void aLongTextIsCutAndNulIsReplaced() {
        ledger.audit()
                .add(new AuditEntry(
                        NOON,
                        "o\0lga",
                        "admin",
                        "a".repeat(500),
                        "t".repeat(5000),
                        "s".repeat(5000),
                        null,
                        202,
                        null,
                        "r".repeat(5000),
                        "b".repeat(5000),
                        "a".repeat(5000)));

        AuditEntry kept = ledger.audit().page(ALL, 1, null).items().get(0);
        assertThat(kept.who()).isEqualTo("o\uFFFDlga");
        assertThat(kept.action()).hasSize(128).endsWith("…");
        assertThat(kept.target()).hasSize(512);
        assertThat(kept.subject()).hasSize(512);
        assertThat(kept.reason()).hasSize(500).endsWith("…");
        assertThat(kept.before()).hasSize(256);
        assertThat(kept.after()).hasSize(256);
    }

    @Test
    void aCursorOfSomethingElseIsRefused() {
        assertThatThrownBy(() -> ledger.audit().page(ALL, 10, "1'; DROP TABLE audit"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private List<String> who(AuditFilter filter) {
        return ledger.audit().page(filter, 10, null).items().stream()
                .map(AuditEntry::who)
                .toList();
    }

    private void add(Instant at, String who, String action, @Nullable Long affected) {
        ledger.audit().add(entry(at, who, action, affected, null));
    }

    private static AuditEntry entry(
            Instant at, String who, String action, @Nullable Long affected, @Nullable String node) {
        return new AuditEntry(at, who, "operator", action, "POST /system/x", "", affected, 202, node, null, null, null);
    }
}
