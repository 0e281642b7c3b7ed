package dev.caravan.watchdog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts requests and says so in Prometheus's text format, under the names of contract section 7. */
final class Metrics {

    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /** Prometheus's defaults, in seconds. */
    private static final double[] BOUNDS = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};

    /** More kinds of method are one: a client must not be able to fill the memory with names. */
    private static final int KINDS = 100;

    private record Kind(int code, String method) implements Comparable<Kind> {

        @Override
        public int compareTo(Kind other) {
            int codes = Integer.compare(code, other.code);
            return codes == 0 ? method.compareTo(other.method) : codes;
        }

        private String labels() {
            return "code=\"" + code + "\",method=\"" + method + "\"";
        }
    }

    /** What is known of the requests of a kind. */
    private static final class Durations {
        private final long[] buckets = new long[BOUNDS.length];
        private long count;
        private double seconds;
    }

    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<Kind, Durations> kinds = new TreeMap<>();
    private final double startTime;

    /** @param startTime of this process, in seconds since 1970 */
    Metrics(double startTime) {
        this.startTime = startTime;
    }

    void begin() {
        inFlight.incrementAndGet();
    }

    /** @param status zero when there was no answer */
    void end(String method, int status, long nanos) {
        inFlight.decrementAndGet();
        double seconds = nanos / 1e9;
        synchronized (kinds) {
            var kind = new Kind(status == 0 ? 499 : status, method.toLowerCase(Locale.ROOT));
            if (kinds.size() >= KINDS && !kinds.containsKey(kind)) {
                kind = new Kind(kind.code(), "other");
            }
            Durations durations = kinds.computeIfAbsent(kind, some -> new Durations());
            durations.count++;
            durations.seconds += seconds;
            for (int i = 0; i < BOUNDS.length; i++) {
                if (seconds <= BOUNDS[i]) {
                    durations.buckets[i]++;
                }
            }
        }
    }

    String text() {
        StringBuilder text = new StringBuilder();
        type(text, "http_requests_total", "counter", "Requests answered, by status and method.");
        synchronized (kinds) {
            kinds.forEach(
                    (kind, durations) -> line(text, "http_requests_total{" + kind.labels() + "}", durations.count));
            type(text, "http_request_duration_seconds", "histogram", "How long requests took.");
            kinds.forEach((kind, durations) -> histogram(text, kind, durations));
        }
        type(text, "http_requests_in_flight", "gauge", "Requests that are answered now.");
        line(text, "http_requests_in_flight", inFlight.get());
        type(text, "process_start_time_seconds", "gauge", "When the watchdog started, in seconds since 1970.");
        line(text, "process_start_time_seconds", startTime);
        process(text);
        return text.toString();
    }

    private static void histogram(StringBuilder text, Kind kind, Durations durations) {
        String name = "http_request_duration_seconds";
        for (int i = 0; i < BOUNDS.length; i++) {
            line(text, name + "_bucket{" + kind.labels() + ",le=\"" + said(BOUNDS[i]) + "\"}", durations.buckets[i]);
        }
        line(text, name + "_bucket{" + kind.labels() + ",le=\"+Inf\"}", durations.count);
        line(text, name + "_sum{" + kind.labels() + "}", durations.seconds);
        line(text, name + "_count{" + kind.labels() + "}", durations.count);
    }

    /** What the kernel says of us; where it says nothing, neither do we. */
    private static void process(StringBuilder text) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.UTF_8)) {
                if (line.startsWith("VmRSS:")) {
                    type(text, "process_resident_memory_bytes", "gauge", "Resident memory of the watchdog.");
                    long kibibytes = Long.parseLong(line.replaceAll("[^0-9]", ""));
                    line(text, "process_resident_memory_bytes", kibibytes * 1024);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return; // no Linux
        }
    }

    private static void type(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder text, String name, double value) {
        text.append(name).append(' ').append(said(value)).append('\n');
    }

    private static String said(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
