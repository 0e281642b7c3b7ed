package dev.caravan.resque;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueueListTest {

    private static final List<String> THERE = List.of("low", "high", "staging_b", "staging_a");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            high,low           | high low
            high , ,low        | high low
            *                  | high low staging_a staging_b
            low,*              | low high staging_a staging_b
            staging_*          | staging_a staging_b
            staging_?,other    | staging_a staging_b other
            staging_[!b]       | staging_a
            *,!low             | high staging_a staging_b
            *,!staging_*       | high low
            !low               | high staging_a staging_b
            {low}              | low
            """)
    void namesGlobsAndExclusionsAreAsInRuby(String text, String expected) {
        assertThat(String.join(" ", QueueList.parse(text).among(THERE))).isEqualTo(expected);
    }

    @Test
    void anOrderWithoutWeightsIsStrict() {
        QueueList list = QueueList.parse("high,low");

        assertThat(list.draw(list.among(List.of()), new Random(1))).isEmpty();
        assertThat(list.dependsOnWhatIsThere()).isFalse();
        assertThat(list.text()).isEqualTo("high,low");
    }

    @Test
    void weightsSayHowOftenAQueueComesFirstAndNoneIsLeftOut() {
        QueueList list = QueueList.parse("a=3,b,,=5,c=0");
        var first = new HashMap<String, Integer>();
        var random = new Random(7);
        for (int i = 0; i < 4_000; i++) {
            String order = list.draw(list.among(List.of()), random);
            assertThat(order).matches("1,2|2,1");
            first.merge(order.substring(0, 1), 1, Integer::sum);
        }

        assertThat(list.text()).isEqualTo("a,a,a,b");
        assertThat(first.get("1")).isBetween(2_800, 3_200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''      | at least one queue
            ,       | at least one queue
            a=x     | must be a number
            a=-1    | must be a number
            a=99999 | must be a number
            """)
    void whatMakesNoSenseIsRefusedInOneLine(String text, String why) {
        assertThatThrownBy(() -> QueueList.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }
}
