package dev.caravan.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallbackUrlTest {

    @ParameterizedTest
    @CsvSource({
        "http://example.com, example.com, 80, /",
        "HTTPS://example.com/a%2Fb?x=1#f, example.com, 443, /a%2Fb?x=1",
        "http://[::1]:9000?x, ::1, 9000, /?x",
        "http://10.0.0.1:81/a@b, 10.0.0.1, 81, /a@b",
    })
    void itIsTakenApartAsItWasWritten(String text, String host, int port, String target) {
        CallbackUrl url = CallbackUrl.parse(text);

        assertThat(url.host()).isEqualTo(host);
        assertThat(url.port()).isEqualTo(port);
        assertThat(url.target()).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/path", "//host/", "ftp://host/", "http:///path", "http://a b/", "file:///etc/passwd"})
    void nothingElseIsOne(String text) {
        assertThatThrownBy(() -> CallbackUrl.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("must be an absolute http or https URL of at most 2000 characters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://ann:pa55@host/",
                "http://ann@host/",
                "http://:pa55@host/",
                "ftp://ann:pa55@host/",
                "http://ann:pa55 word@host/",
                "http://ann:pa55@under_score/",
            })
    void aPasswordIsRefusedAndNotRepeated(String text) {
        assertThatThrownBy(() -> CallbackUrl.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("without user and password")
                .hasMessageNotContaining("ann")
                .hasMessageNotContaining("pa55");
    }

    @Test
    void oneThatIsTooLongIsRefused() {
        assertThat(CallbackUrl.parse("http://h/" + "x".repeat(CallbackUrl.LONGEST - 9)))
                .isNotNull();
        assertThatThrownBy(() -> CallbackUrl.parse("http://h/" + "x".repeat(CallbackUrl.LONGEST)))
                .hasMessageContaining("at most 2000 characters");
    }
}
