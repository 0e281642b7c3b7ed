package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A settle that returned survives whatever happens to the process. */
@Timeout(60)
class LedgerDurabilityTest {

    @TempDir
    Path folder;

    @RepeatedTest(3)
    void everythingSettledIsThereAfterAKill() throws Exception {
        List<String> settled = new ArrayList<>();
        // Twice on the same files: what is recovered is killed again.
        for (int kills = 0; kills < 2; kills++) {
            settled.addAll(settleUntilKilled(300 + 700 * kills));
        }

        try (var ledger = new Ledger(folder, InstantSource.system())) {
            ledger.open();

            assertThat(settled).hasSizeGreaterThanOrEqualTo(1_300).allSatisfy(line -> {
                String[] words = line.split(" ");
                CallStatus status = ledger.call(new CallId(words[0])).orElseThrow();
                assertThat(status.state().word()).isEqualTo(words[1]);
                assertThat(ledger.deadLetter(words[0] + ".1").isPresent()).isEqualTo(words[1].equals("dead"));
            });
        }
    }

    private List<String> settleUntilKilled(int enough) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        // It lives for a second: starting is most of it.
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SettlingChild.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> lines = new ArrayList<>();
        try (var out = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                // The last line may be cut by the kill.
                if (line.matches("[0-9a-f-]{36} (succeeded|dead)")) {
                    lines.add(line);
                }
                if (lines.size() == enough) {
                    // By its handle: Process itself would also close the stream and lose what was printed before.
                    child.toHandle().destroyForcibly();
                }
            }
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return lines;
    }
}
