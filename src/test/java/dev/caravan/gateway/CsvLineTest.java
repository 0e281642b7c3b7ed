package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvLineTest {

    @Test
    void fieldsStandBesideOneAnotherAndALineHasItsEnd() {
        assertThat(CsvLine.of("a", null, 5L, Instant.EPOCH, "", "b c")).isEqualTo("a,,5,1970-01-01T00:00:00Z,,b c\r\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {"a,b|\"a,b\"", "say \"no\"|\"say \"\"no\"\"\"", "\"|\"\"\"\"", "a;b|a;b", "naïve|naïve"})
    void whatWouldEndAFieldIsQuoted(String text, String field) {
        assertThat(CsvLine.of(text)).isEqualTo(field + "\r\n");
    }

    @Test
    void linesAndSpacesAreQuoted() {
        assertThat(CsvLine.of("a\nb", "a\r\nb", " a", "a ")).isEqualTo("\"a\nb\",\"a\r\nb\",\" a\",\"a \"\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1",
                "+1",
                "-1",
                "@SUM(A1)",
                "  =1",
                "\t=1",
                "\r=1",
                "\u00a0=1",
                "\uff1d1",
                "=HYPERLINK(\"x\")"
            })
    void whatASpreadsheetWouldCalculateIsText(String text) {
        String field = CsvLine.of(text).strip();

        assertThat(field.startsWith("\"") ? field.substring(1) : field).startsWith("'" + text.charAt(0));
    }

    @Test
    void aNumberStaysOne() {
        assertThat(CsvLine.of(-1, "a=1", "2026-03-04T05:06:07Z")).isEqualTo("-1,a=1,2026-03-04T05:06:07Z\r\n");
    }
}
