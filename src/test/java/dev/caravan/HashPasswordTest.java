package dev.caravan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.gateway.auth.BasicAuth;
import dev.caravan.gateway.auth.Caller;
import dev.caravan.gateway.auth.Role;
import dev.caravan.gateway.auth.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashPasswordTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path secrets;

    @ParameterizedTest
    @ValueSource(strings = {"s3cret pässwörd", "s3cret pässwörd\n", "s3cret pässwörd\r\nnext line"})
    void whatItPrintsLetsThatPasswordIn(String input) throws Exception {
        assertThat(run(input)).isZero();

        assertThat(out.toString(UTF_8)).matches("\\$2b\\$10\\$[./A-Za-z0-9]{53}\\R");
        Files.writeString(secrets.resolve("users"), "ann:operator:" + out.toString(UTF_8));
        try (BasicAuth auth = BasicAuth.in(secrets, InstantSource.system(), "openfaas-fn")) {
            String header = "Basic " + Base64.getEncoder().encodeToString("ann:s3cret pässwörd".getBytes(UTF_8));
            assertThat(auth.judge(header, "a").get(30, TimeUnit.SECONDS))
                    .isEqualTo(new Verdict.Passed(new Caller("ann", Role.OPERATOR, null)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\nnext line"})
    void noPasswordIsNoPassword(String input) throws Exception {
        assertThat(run(input)).isEqualTo(1);
        assertThat(out.toString(UTF_8)).isEmpty();
        assertThat(err.toString(UTF_8)).isEqualTo("caravan: a password has 1 to 72 bytes, this has none\n");
    }

    @Test
    void oneOfWhichOnlyAPartWouldCountIsRefused() throws Exception {
        assertThat(run("x".repeat(72))).isZero();
        assertThat(run("ö".repeat(37))).isEqualTo(1);
        assertThat(run("x".repeat(100_000))).isEqualTo(1);
        assertThat(err.toString(UTF_8)).contains("1 to 72 bytes, this has more").doesNotContain("xx", "öö");
    }

    private int run(String input) throws IOException {
        return HashPassword.run(
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8));
    }
}
