package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.CaravanProcessFixture;
import dev.caravan.testing.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Many clients at once cost connections, not threads. */
class ManyClientsIT extends CaravanProcessFixture {

    private static final int IDLE = 1_000;
    private static final int SLOW = 200;

    /** Event loops, workers and timers that the first calls wake up; far from one for each client. */
    private static final int A_FEW = 30;

    @Override
    protected Map<String, String> settings() {
        return Map.of("CARAVAN_CALL_TIMEOUT", "120s");
    }

    @Test
    void idleConnectionsAndSlowCallsHoldNoThread() throws Exception {
        deploy("slow", Map.of());
        slowly().until(() -> caravan.post("/function/slow", "").statusCode() == 200);
        int before = threads();
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < IDLE; i++) {
                clients.add(asked("/healthz"));
            }
            for (RawClient idle : clients) {
                assertThat(idle.answer().status()).isEqualTo(200);
            }
            List<RawClient> waiting = new ArrayList<>();
            for (int i = 0; i < SLOW; i++) {
                RawClient slow = asked("/function/slow?millis=10000");
                clients.add(slow);
                waiting.add(slow);
            }
            slowly().until(() -> effects.begun().size() >= SLOW);
            int during = threads();

            for (RawClient slow : waiting) {
                assertThat(slow.answer().status()).isEqualTo(200);
            }
            for (RawClient idle : clients.subList(0, IDLE)) {
                idle.send("GET /healthz HTTP/1.1\nHost: x", "");
                assertThat(idle.answer().status()).isEqualTo(200);
            }
            assertThat(during).isLessThan(before + A_FEW);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private RawClient asked(String path) throws IOException {
        var client = new RawClient(caravan.url("/").getPort());
        client.send("GET " + path + " HTTP/1.1\nHost: x", "");
        return client;
    }

    private int threads() throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(caravan.pid()), "status")).stream()
                .filter(line -> line.startsWith("Threads:"))
                .mapToInt(line -> Integer.parseInt(line.substring(8).strip()))
                .findFirst()
                .orElseThrow();
    }
}
