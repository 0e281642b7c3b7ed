package dev.caravan.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScaleLabelsTest {

    @ParameterizedTest
    @CsvSource({
        ",, ,         1, 20, 20",
        "0, 5, 10,    0, 5, 10",
        "30,, ,       30, 30, 20",
        "3, 3, 100,   3, 3, 100",
        "1, 20, 0,    1, 20, 0",
        "1, 20, -1,   1, 20, 0",
        "1, 20, 101,  1, 20, 0"
    })
    void labelsSayHowFarAFunctionIsScaled(
            @Nullable String min, @Nullable String max, @Nullable String factor, int least, int most, int percent) {
        var ignored = new ArrayList<String>();

        ScaleLabels read = ScaleLabels.of(labels(min, max, factor), (label, value) -> ignored.add(label));

        assertThat(read).isEqualTo(new ScaleLabels(least, most, percent));
        assertThat(ignored).isEmpty();
    }

    @Test
    void whatMakesNoSenseIsToldAndItsDefaultApplies() {
        var ignored = new ArrayList<String>();

        ScaleLabels read = ScaleLabels.of(labels("-1", "0", "a fifth"), (label, value) -> ignored.add(value));

        assertThat(read).isEqualTo(new ScaleLabels(1, 20, 20));
        assertThat(ignored).isEqualTo(List.of("-1", "0", "a fifth"));
    }

    @Test
    void aMinimumAboveTheMaximumIsAContradiction() {
        assertThatThrownBy(() -> ScaleLabels.of(labels("5", "3", null)).requireOrder())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("label com.openfaas.scale.min (5) is above com.openfaas.scale.max (3)");
        assertThatCode(() -> ScaleLabels.of(labels("3", "3", null)).requireOrder())
                .doesNotThrowAnyException();
    }

    private static Map<String, String> labels(@Nullable String min, @Nullable String max, @Nullable String factor) {
        var labels = new HashMap<String, String>();
        put(labels, ScaleLabels.MIN, min);
        put(labels, ScaleLabels.MAX, max);
        put(labels, ScaleLabels.FACTOR, factor);
        return labels;
    }

    private static void put(Map<String, String> labels, String label, @Nullable String value) {
        if (value != null) {
            labels.put(label, value);
        }
    }
}
