package dev.caravan.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetLoadTest {

    private static TargetLoad of(String type, String target) {
        return TargetLoad.of(Map.of(TargetLoad.TYPE, type, TargetLoad.TARGET, target));
    }

    @Test
    void withoutLabelsEachReplicaIsToTakeFiftyRequestsASecond() {
        assertThat(TargetLoad.of(Map.of())).isEqualTo(new TargetLoad("rps", 50));
    }

    @Test
    void theLabelsSayItOtherwise() {
        assertThat(of("capacity", "5")).isEqualTo(new TargetLoad("capacity", 5));
        assertThat(of("cpu", "0.5")).isEqualTo(new TargetLoad("cpu", 0.5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "many", "NaN", "1e9", "12345678901"})
    void aTargetThatMakesNoSenseIsAsGoodAsNone(String target) {
        assertThat(of("queue", target)).isEqualTo(new TargetLoad("queue", 50));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "with\"quotes"})
    void aTypeThatIsNoWordIsAsGoodAsNone(String type) {
        assertThat(of(type, "5")).isEqualTo(new TargetLoad("rps", 5));
    }
}
