package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.testing.CaravanProcessFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The ledger's files are gone; the broker's are not. */
class LostLedgerIT extends CaravanProcessFixture {

    /** More than a broker shows of a queue. */
    private static final int LETTERS = 450;

    private static final int WAITING = 20;

    @Test
    void queuedCallsRunAndDeadLettersAreListedAgain() throws Exception {
        deploy("fails", Map.of("com.openfaas.retry.attempts", "0"));
        deploy("waits", Map.of());
        List<String> died = callers.accepted(LETTERS, number -> call("fails", "?status=400&n=" + number));
        awaitCalls(Map.of("dead", (long) LETTERS));
        caravan.scale("waits", 0);
        List<String> queued = callers.accepted(WAITING, number -> call("waits", ""));
        JsonNode before = letter(died.get(LETTERS - 1));
        caravan.terminate();
        delete(caravan.data().resolve("ledger"));
        caravan.restart();

        slowly().until(() -> letters() == LETTERS);
        caravan.scale("waits", 1);
        awaitCalls(Map.of("dead", (long) LETTERS, "succeeded", (long) WAITING));

        assertThat(effects.begun().keySet()).containsAll(queued);
        assertThat(listed()).containsExactlyInAnyOrderElementsOf(died);
        assertThat(letter(died.get(LETTERS - 1))).isEqualTo(before);
        // Replayed as any other, and then not entered again, however often it starts.
        var answer = caravan.post("/system/dead-letters/" + died.get(0) + ".1/replay", "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        slowly().until(() -> effects.begun().get(died.get(0)) == 2);
        slowly().until(() -> letters() == LETTERS);
        caravan.terminate();
        caravan.restart();
        awaitCalls(Map.of("dead", (long) LETTERS, "succeeded", (long) WAITING));
        assertThat(letters()).isEqualTo(LETTERS);
    }

    /** But for when it died: the message says when it was buried, the ledger when that was settled. */
    private JsonNode letter(String id) throws Exception {
        JsonNode letter = caravan.get("/system/dead-letters/" + id + ".1");
        return ((ObjectNode) letter).without("deadAt");
    }

    private int letters() throws Exception {
        return caravan.get("/system/dead-letters?limit=1").path("total").asInt();
    }

    private List<String> listed() throws Exception {
        List<String> ids = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonNode page = caravan.get("/system/dead-letters?limit=100" + next);
            page.path("items").forEach(item -> ids.add(item.path("callId").asText()));
            next = page.path("next").isTextual()
                    ? "&cursor=" + page.path("next").asText()
                    : null;
        }
        return ids;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
