package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.CaravanProcess.Exit;
import dev.caravan.testing.CaravanProcessFixture;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What stands in the data folder belongs to one process, and is usable whatever a crash did to it. */
class DataFolderIT extends CaravanProcessFixture {

    @Test
    void aSecondProcessIsRefusedInOneLineAndTheFirstGoesOn() throws Exception {
        int before = caravan.output().length();

        Exit second = caravan.startSecond();

        assertThat(second.code()).isEqualTo(1);
        assertThat(second.took()).isLessThan(Duration.ofSeconds(30));
        assertThat(caravan.output().substring(before).strip())
                .startsWith("caravan cannot start: ")
                .contains(caravan.data().toString())
                .hasLineCount(1);
        deploy("quick", Map.of());
        callers.accepted(10, number -> call("quick", ""));
        awaitCalls(Map.of("succeeded", 10L));

        caravan.kill();
        caravan.restart();
        awaitCalls(Map.of("succeeded", 10L));
    }

    @Test
    void aTornLastRecordOfTheJournalCostsNoOtherCall() throws Exception {
        deploy("quick", Map.of());
        caravan.scale("quick", 0);
        List<String> accepted = new ArrayList<>();
        for (int number = 0; number < 40; number++) {
            accepted.addAll(callers.accepted(1, one -> call("quick", "")));
        }

        caravan.kill();
        tearLastRecord();
        caravan.restart();
        caravan.scale("quick", 1);

        List<String> others = accepted.subList(0, 39);
        slowly().untilAsserted(() -> assertThat(effects.ended()).containsKeys(others.toArray(String[]::new)));
        assertThat(callers.accepted(1, one -> call("quick", ""))).hasSize(1);
    }

    /** Cuts the newest journal file a few bytes before the end of what was written; the rest of it is zeros. */
    private void tearLastRecord() throws IOException {
        Path newest;
        try (Stream<Path> files = Files.list(caravan.data().resolve("broker/journal"))) {
            newest = files.filter(file -> file.getFileName().toString().matches("db-[0-9]+\\.log"))
                    .max(Comparator.comparingInt(file ->
                            Integer.parseInt(file.getFileName().toString().replaceAll("[^0-9]", ""))))
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(newest);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        try (var file = new RandomAccessFile(newest.toFile(), "rw")) {
            file.setLength(end - 20);
        }
    }
}
