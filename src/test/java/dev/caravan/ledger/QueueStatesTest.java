package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueueStatesTest {

    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = new Ledger(folder, InstantSource.system());
        ledger.open();
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private QueueStates states() {
        return ledger.queues();
    }

    @Test
    void aQueueNobodySaidAnythingAboutIsOpenAndAsItsRouteSays() {
        assertThat(states().paused("faas-request")).isFalse();
        assertThat(states().concurrency("faas-request")).isEmpty();
        assertThat(states().paused()).isEmpty();
    }

    @Test
    void aPauseSaysNothingAboutConcurrencyAndTheOtherWayRound() {
        states().pause("a", true);
        states().limit("b", OptionalInt.of(7));

        assertThat(states().paused("a")).isTrue();
        assertThat(states().concurrency("a")).isEmpty();
        assertThat(states().paused("b")).isFalse();
        assertThat(states().concurrency("b")).hasValue(7);
        states().limit("a", OptionalInt.of(3));
        states().pause("a", false);
        assertThat(states().concurrency("a")).hasValue(3);
        states().limit("b", OptionalInt.empty());
        assertThat(states().concurrency("b")).isEmpty();
        assertThat(states().paused()).isEmpty();
    }

    @Test
    void itIsThereAfterARestart() {
        states().pause("b.ns.f", true);
        states().pause("a", true);
        states().limit("a", OptionalInt.of(1_000));
        ledger.close();
        open();

        assertThat(states().paused()).containsExactly("a", "b.ns.f");
        assertThat(states().concurrency("a")).hasValue(1_000);
        assertThat(states().concurrency("b.ns.f")).isEmpty();
    }

    @Test
    void whatAnotherNodeWasToldIsSeenOnceItIsReadAgainAndKept() {
        var other = new QueueStates(ledger.database(), InstantSource.system());
        other.limit("a", OptionalInt.of(9));
        assertThat(states().concurrency("a")).isEmpty();

        states().refresh();

        assertThat(states().concurrency("a")).hasValue(9);
        other.limit("a", OptionalInt.of(4));
        states().pause("a", true); // on what was not read yet
        assertThat(states().concurrency("a")).hasValue(4);
    }

    @Test
    void aDatabaseThatIsAwayIsSaidAndWhatIsKnownStays() {
        states().pause("a", true);
        ledger.database().disconnect();

        assertThatThrownBy(() -> states().pause("a", false)).isInstanceOf(LedgerException.class);
        assertThatThrownBy(() -> states().refresh()).isInstanceOf(LedgerException.class);
        assertThat(states().paused("a")).isTrue();
    }
}
