package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many dead letters, put into a server by its own import, and how long an operator waits for a look at them. */
final class Letters {

    private static final int MANY = 100_000;
    private static final int FUNCTIONS = 10;
    private static final int BATCH = 250;
    private static final int CLIENTS = 16;
    private static final int LOOKS = 20;

    private final Caravan caravan;

    Letters(Caravan caravan) {
        this.caravan = caravan;
    }

    void measure(Report report) throws IOException, InterruptedException {
        String title = String.format(Locale.ROOT, "a look at %,d dead letters", MANY);
        Bench.progress(title);
        Instant first = Instant.now().minus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS);
        put(MANY, "letters-", FUNCTIONS, first);
        String all = "/system/dead-letters?limit=50";
        JsonNode letter = caravan.system("GET", all + "&function=letters-3", "").at("/items/0");
        look(report, title, "first page", all);
        look(report, title, "a page in the middle", all + "&cursor=" + middle());
        look(report, title, "of a function", all + "&function=letters-3");
        look(report, title, "of a function and a reason", all + "&function=letters-3&reason=rejected");
        look(
                report,
                title,
                "of a fingerprint",
                all + "&fingerprint=" + letter.path("fingerprint").asText());
        look(
                report,
                title,
                "since and until",
                all + "&since=" + first.plusSeconds(40) + "&until=" + first.plusSeconds(60));
        look(report, title, "of a status, all of them", all + "&status=400");
        look(report, title, "with a text that one has", all + "&q=order%2077777%20");
        look(report, title, "groups of all", "/system/dead-letters/groups");
    }

    /** Letters of calls that never were, a millisecond apart. */
    void put(int count, String stem, int functions, Instant first) throws IOException, InterruptedException {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<JsonNode>> imports = new ArrayList<>();
            for (int from = 0; from < count; from += BATCH) {
                int begin = from;
                int end = Math.min(count, from + BATCH);
                imports.add(clients.submit(() -> {
                    var lines = new StringBuilder();
                    for (int i = begin; i < end; i++) {
                        lines.append(line(i, stem + (functions == 1 ? "" : i % functions), first.plusMillis(i)))
                                .append('\n');
                    }
                    return caravan.system("POST", "/system/dead-letters/import", lines.toString());
                }));
            }
            for (Future<JsonNode> one : imports) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("letters could not be put in: " + e.getCause(), e);
        } finally {
            clients.shutdownNow();
        }
    }

    private static String line(int number, String function, Instant deadAt) throws IOException {
        return Http.JSON.writeValueAsString(Map.of(
                "callId",
                UUID.randomUUID().toString(),
                "queue",
                "faas-request",
                "reason",
                "rejected",
                "statusCode",
                400,
                "error",
                "it was refused",
                "attempts",
                1,
                "deadAt",
                deadAt.toString(),
                "call",
                Map.of(
                        "CaravanVersion",
                        1,
                        "CaravanFunction",
                        function,
                        "CaravanNamespace",
                        "openfaas-fn",
                        "CaravanHeaders",
                        "{\"Content-Type\":[\"text/plain\"]}"),
                "history",
                List.of(),
                "body",
                "order " + number + " failed ".repeat(20)));
    }

    /** The cursor of the page after half of them. */
    private String middle() throws IOException, InterruptedException {
        String next = "";
        for (int seen = 0; seen < MANY / 2; seen += 500) {
            String cursor = next.isEmpty() ? "" : "&cursor=" + next;
            next = caravan.system("GET", "/system/dead-letters?limit=500" + cursor, "")
                    .path("next")
                    .asText();
        }
        return next;
    }

    private void look(Report report, String title, String what, String path) throws IOException, InterruptedException {
        double[] millis = new double[LOOKS];
        for (int i = 0; i < LOOKS; i++) {
            long begin = System.nanoTime();
            caravan.system("GET", path, "");
            millis[i] = (System.nanoTime() - begin) / 1e6;
        }
        Arrays.sort(millis);
        report.caravan(title, what + ", p50", "ms", millis[LOOKS / 2]);
        report.caravan(title, what + ", p99", "ms", millis[LOOKS - 1]);
    }
}
