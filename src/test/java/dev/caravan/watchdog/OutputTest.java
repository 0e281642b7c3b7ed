package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputTest {

    @Test
    void linesAreBoundedAndLoseTheirEnds() throws IOException {
        List<String> lines = new ArrayList<>();
        String text = "one\r\n\n" + "x".repeat(20_000) + "\nlast";

        OutputLines.copy(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), lines::add);

        assertThat(lines).containsExactly("one", "", "x".repeat(OutputLines.MAX_LENGTH) + "…", "last");
    }

    @Test
    void whatIsMoreThanTheMemoryMayHoldComesBackWhole() throws IOException {
        try (SpooledOutput output = new SpooledOutput(10)) {
            output.write("012345678".getBytes(StandardCharsets.US_ASCII));
            assertThat(content(output)).isEqualTo("012345678");

            output.write('9');
            output.write('a');
            assertThat(new String(output.head(5), StandardCharsets.US_ASCII)).isEqualTo("01234");
            output.write('b');

            assertThat(output.size()).isEqualTo(12);
            assertThat(content(output)).isEqualTo("0123456789ab");
        }
    }

    @Test
    void nobodyWritesToAnAnswerThatIsClosed() throws IOException {
        SpooledOutput output = new SpooledOutput(10);
        output.close();

        assertThatThrownBy(() -> output.write('x')).isInstanceOf(IOException.class);
    }

    @Test
    void theBackoffDoublesUpToItsLimitAndBeginsAgainAfterASoundRun() {
        Backoff backoff = new Backoff();
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            waits.add(backoff.after(Duration.ofSeconds(1)).toMillis());
        }

        assertThat(waits).containsExactly(100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L, 30000L, 30000L);
        assertThat(backoff.after(Backoff.SOUND)).isEqualTo(Backoff.FIRST);
    }

    private static String content(SpooledOutput output) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        output.copyTo(content);
        return content.toString(StandardCharsets.US_ASCII);
    }
}
