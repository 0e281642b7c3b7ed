package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.MultiMap;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallOptionsTest {

    private static CallOptions of(String header, String value) {
        return new CallOptions(MultiMap.caseInsensitiveMultiMap().add(header, value));
    }

    @Test
    void whatIsNotAskedIsEmpty() {
        var nothing = new CallOptions(MultiMap.caseInsensitiveMultiMap());

        assertThat(nothing.delay()).isEmpty();
        assertThat(nothing.maxAge()).isEmpty();
        assertThat(nothing.priority()).isEmpty();
        assertThat(nothing.orderKey()).isEmpty();
    }

    @Test
    void whatIsAskedIsRead() {
        assertThat(of("x-delay", " 90s ").delay()).contains(Duration.ofSeconds(90));
        assertThat(of("X-Max-Age", "2h").maxAge()).contains(Duration.ofHours(2));
        assertThat(of("X-Priority", "9").priority()).contains(9);
        assertThat(of("X-Order-Key", "customer-7").orderKey().orElseThrow().text())
                .isEqualTo("customer-7");
    }

    @Test
    void noTimeAtAllIsNoDelay() {
        assertThat(of("X-Delay", "0s").delay()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "X-Delay, 721h, X-Delay must be at most 30 days",
        "X-Delay, soon, X-Delay ",
        "X-Max-Age, 0s, X-Max-Age must be longer than nothing",
        "X-Priority, 10, X-Priority must be a digit from 0 to 9",
        "X-Priority, -1, X-Priority must be a digit from 0 to 9",
    })
    void whatMakesNoSenseIsRefusedWithItsHeader(String header, String value, String start) {
        var options = of(header, value);

        assertThatThrownBy(() -> {
                    options.delay();
                    options.maxAge();
                    options.priority();
                })
                .isInstanceOfSatisfying(
                        HttpFailure.class,
                        failure -> assertThat(failure.status()).isEqualTo(400))
                .hasMessageStartingWith(start)
                .hasMessageEndingWith("got: \"" + value + "\"");
    }

    @Test
    void aLongValueIsRepeatedInPart() {
        assertThatThrownBy(() -> of("X-Priority", "1".repeat(500)).priority())
                .message()
                .hasSizeLessThan(150);
    }
}
