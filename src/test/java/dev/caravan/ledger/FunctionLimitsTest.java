package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.FunctionName;
import dev.caravan.ledger.FunctionLimits.Told;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FunctionLimitsTest {

    private static final FunctionName HERE = new FunctionName("mail", "openfaas-fn");
    private static final FunctionName ELSEWHERE = new FunctionName("mail", "staging");
    private static final Told SLOW = new Told(Optional.of("1"), Optional.of("3/m"));

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

    @Test
    void whatIsSaidReplacesAllThatWasSaidOfThatFunctionAlone() {
        assertThat(ledger.limits().of(HERE)).isEqualTo(Told.NOTHING);

        ledger.limits().tell(HERE, SLOW);
        ledger.limits().tell(ELSEWHERE, new Told(Optional.empty(), Optional.of("none")));
        assertThat(ledger.limits().of(HERE)).isEqualTo(SLOW);
        assertThat(ledger.limits().of(ELSEWHERE).concurrency()).isEmpty();

        ledger.limits().tell(HERE, new Told(Optional.of("2"), Optional.empty()));
        assertThat(ledger.limits().of(HERE).rate()).isEmpty();
        ledger.limits().tell(HERE, Told.NOTHING);
        assertThat(ledger.limits().of(HERE)).isEqualTo(Told.NOTHING);
        assertThat(ledger.limits().of(ELSEWHERE).rate()).contains("none");
    }

    @Test
    void itHoldsAfterARestartAndForOtherNodes() {
        var other = new FunctionLimits(ledger.database(), InstantSource.system());
        ledger.limits().tell(HERE, SLOW);
        assertThat(other.of(HERE)).isEqualTo(Told.NOTHING);
        other.refresh();
        assertThat(other.of(HERE)).isEqualTo(SLOW);

        ledger.close();
        open();

        assertThat(ledger.limits().of(HERE)).isEqualTo(SLOW);
    }

    @Test
    void aDatabaseThatFailsIsSaidAndNothingIsForgotten() {
        ledger.limits().tell(HERE, SLOW);
        ledger.close();

        assertThatThrownBy(() -> ledger.limits().tell(HERE, Told.NOTHING)).isInstanceOf(LedgerException.class);
        assertThatThrownBy(() -> ledger.limits().refresh()).isInstanceOf(LedgerException.class);
        assertThat(ledger.limits().of(HERE)).isEqualTo(SLOW);
        open();
    }
}
