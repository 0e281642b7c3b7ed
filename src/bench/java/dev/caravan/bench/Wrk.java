package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What wrk saw in one run. Latencies in milliseconds. */
record Wrk(double perSecond, double p50, double p99, long refused, long broken) {

    /** GETs; everything below 400 counts. */
    static Wrk get(String url, int connections, Duration length) throws IOException, InterruptedException {
        JsonNode seen = run(url, connections, length);
        return of(seen, seen.get("requests").longValue() - seen.get("refused").longValue());
    }

    /** POSTs with a body of {@code bytes}; only 202s count. */
    static Wrk post(String url, int connections, Duration length, int bytes) throws IOException, InterruptedException {
        JsonNode seen = run(url, connections, length, "POST", Integer.toString(bytes));
        return of(seen, seen.get("accepted").longValue());
    }

    private static Wrk of(JsonNode seen, long counted) {
        long refused = seen.get("requests").longValue() - counted;
        return new Wrk(
                counted * 1e6 / seen.get("micros").longValue(),
                seen.get("p50").longValue() / 1e3,
                seen.get("p99").longValue() / 1e3,
                refused,
                seen.get("broken").longValue());
    }

    private static JsonNode run(String url, int connections, Duration length, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "wrk",
                "-t2",
                "-c" + connections,
                "-d" + length.toSeconds() + "s",
                "--timeout",
                "10s",
                "-s",
                "src/bench/wrk.lua",
                url,
                "--"));
        command.addAll(List.of(arguments));
        Process wrk = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = wrk.waitFor();
        String json =
                output.lines().filter(line -> line.startsWith("{")).findFirst().orElse("");
        if (status != 0 || json.isEmpty()) {
            throw new IOException("wrk failed on " + url + ": " + output.strip());
        }
        return new ObjectMapper().readTree(json);
    }
}
