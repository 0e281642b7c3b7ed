package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FingerprintTest {

    @ParameterizedTest
    @CsvSource({
        "timeout after 30s, timeout after 5s",
        "no such order 4711, no such order 12",
        "call 0190f5fe-7c00-7a00-8000-0123456789ab failed, call 7d444840-9dc0-11d1-b245-5ffdce74fad2 failed",
        "call 7D444840-9DC0-11D1-B245-5FFDCE74FAD2 failed, call 0190f5fe-7c00-7a00-8000-0123456789ab failed",
        "object at 0x7ffe12, object at 0x55a0b3c4",
        "commit 9fceb02a missing, commit 1a410efb missing",
        "connect to 10.0.0.1:8080 refused, connect to 10.12.0.99:39211 refused",
        "'line 3, column 9', 'line 12, column 101'"
    })
    void errorsThatDifferInNumbersIdsAndAddressesAreOneGroup(String one, String other) {
        assertThat(of(one)).isEqualTo(of(other)).matches("[0-9a-f]{16}");
    }

    @ParameterizedTest
    @CsvSource({
        "timeout after 30s, refused after 30s",
        "'', timeout",
        "the facade broke, the defaced broke",
        "'a b', 'ab'"
    })
    void errorsInOtherWordsAreOtherGroups(String one, String other) {
        assertThat(of(one)).isNotEqualTo(of(other));
    }

    @Test
    void functionNamespaceReasonAndStatusPartGroups() {
        var function = new FunctionName("resize", "openfaas-fn");

        assertThat(new String[] {
                    Fingerprint.of(function, DeadReason.REJECTED, 500, "x"),
                    Fingerprint.of(new FunctionName("resize", "team-a"), DeadReason.REJECTED, 500, "x"),
                    Fingerprint.of(new FunctionName("resizer", "openfaas-fn"), DeadReason.REJECTED, 500, "x"),
                    Fingerprint.of(function, DeadReason.EXPIRED, 500, "x"),
                    Fingerprint.of(function, DeadReason.REJECTED, 502, "x")
                })
                .doesNotHaveDuplicates();
    }

    @Test
    void noErrorIsAGroupToo() {
        assertThat(of(null)).isEqualTo(of("")).matches("[0-9a-f]{16}");
    }

    private static String of(@Nullable String error) {
        return Fingerprint.of(new FunctionName("resize", "openfaas-fn"), DeadReason.ATTEMPTS_EXHAUSTED, 500, error);
    }
}
