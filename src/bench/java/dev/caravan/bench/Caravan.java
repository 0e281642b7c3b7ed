package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A server started as a user starts it, on free ports and with a data folder of its own. */
final class Caravan implements AutoCloseable {

    private final ProcessBuilder up;
    private final Path log;
    private final Path data;
    private final int port;
    private final int managementPort;
    private final Path script;
    private Process process;
    private Duration started;

    /** Returns once its function {@code echo} and its function {@code bench} have answered. */
    Caravan(Path folder, String name, String roles) throws IOException, InterruptedException {
        this(
                folder,
                name,
                Map.of("CARAVAN_STACK", stack(folder).toString(), "CARAVAN_ROLES", roles),
                List.of("/function/echo", "/function/bench"));
    }

    /** One with other settings and no functions; returns once it says that it is well. */
    Caravan(Path folder, String name, Map<String, String> settings) throws IOException, InterruptedException {
        this(folder, name, settings, List.of());
    }

    private Caravan(Path folder, String name, Map<String, String> settings, List<String> awaited)
            throws IOException, InterruptedException {
        List<Integer> ports = Http.freePorts(2);
        port = ports.get(0);
        managementPort = ports.get(1);
        log = folder.resolve(name + ".log");
        data = Files.createDirectories(folder.resolve(name));
        script = Nginx.script();
        up = new ProcessBuilder("./caravan", "up")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // What the caller's shell sets must not decide what is measured.
        up.environment().keySet().removeIf(key -> key.startsWith("CARAVAN_"));
        up.environment()
                .putAll(Map.of(
                        "CARAVAN_PORT",
                        "" + port,
                        "CARAVAN_MANAGEMENT_PORT",
                        "" + managementPort,
                        "CARAVAN_DATA",
                        data.toString()));
        up.environment().putAll(settings);
        long begin = System.nanoTime();
        process = up.start();
        try {
            List<String> urls = awaited.isEmpty()
                    ? List.of("http://127.0.0.1:" + managementPort + "/healthz")
                    : awaited.stream().map(this::url).toList();
            Http.awaitAnswer(urls.get(0), Duration.ofSeconds(90), process);
            started = Duration.ofNanos(System.nanoTime() - begin);
            for (String url : urls) {
                Http.awaitAnswer(url, Duration.ofSeconds(30), process);
            }
        } catch (IOException e) {
            process.destroy();
            throw new IOException(e.getMessage() + "; the last it said:\n" + lastLines(), e);
        }
    }

    /** SIGKILL, a start on what is left, and how long that took until it answers both doors. */
    Duration restartAfterKill(String page) throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        long begin = System.nanoTime();
        process = up.start();
        Http.awaitAnswer("http://127.0.0.1:" + managementPort + "/healthz", Duration.ofMinutes(5), process);
        system("GET", page, "");
        started = Duration.ofNanos(System.nanoTime() - begin);
        return started;
    }

    /** An answer of the API to the user admin. */
    JsonNode system(String method, String path, String body) throws IOException, InterruptedException {
        return Http.json(method, url(path), password(), body);
    }

    /** A copy of the benchmarked function that writes down when each call came, in seconds. */
    Path deploy(Path folder, String name, Map<String, String> annotations) throws IOException, InterruptedException {
        Path arrivals = folder.resolve("arrivals-" + name);
        system(
                "POST",
                "/system/functions",
                Http.JSON.writeValueAsString(Map.of(
                        "service", name,
                        "image", name,
                        "envProcess", script.toString(),
                        "envVars",
                                Map.of(
                                        "mode", "http",
                                        "BENCH_FOLDER", folder.toString(),
                                        "BENCH_ARRIVALS", arrivals.toString()),
                        "annotations", annotations)));
        Http.awaitAnswer(url("/function/" + name), Duration.ofSeconds(30), process);
        Files.writeString(arrivals, ""); // nginx appends, so this forgets that question
        return arrivals;
    }

    /** Of the user admin. */
    String password() throws IOException {
        return Files.readString(data.resolve("secrets").resolve("basic-auth-password"))
                .strip();
    }

    /** From {@code ./caravan up} to the first answer of a function. */
    Duration started() {
        return started;
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** How many calls came to a good end. */
    long succeeded() throws IOException, InterruptedException {
        return calls(Set.of("succeeded"));
    }

    /** How many are accepted and not over yet. */
    long unfinished() throws IOException, InterruptedException {
        return calls(Set.of("scheduled", "queued", "running", "retrying"));
    }

    private long calls(Set<String> states) throws IOException, InterruptedException {
        return Http.get("http://127.0.0.1:" + managementPort + "/metrics")
                .lines()
                .filter(line -> line.startsWith("caravan_calls{"))
                .filter(line -> states.stream().anyMatch(state -> line.contains("state=\"" + state + "\"")))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Resident memory of the server's process, in MiB. */
    double residentMemory() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElse(Double.NaN);
    }

    /** The heap setting it was started with. */
    String heap() {
        return Arrays.stream(process.info().arguments().orElse(new String[0]))
                .filter(argument -> argument.startsWith("-Xmx"))
                .reduce((first, last) -> last)
                .orElse("JVM default");
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(45, TimeUnit.SECONDS)) {
            System.err.println("bench: Caravan did not stop within 45 s and is killed");
            process.destroyForcibly().waitFor();
        }
    }

    private String lastLines() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    private static Path stack(Path folder) throws IOException {
        return Files.writeString(folder.resolve("stack.yaml"), """
                version: 1.0
                provider:
                  name: openfaas
                functions:
                  bench:
                    image: bench:1
                    fprocess: %s
                    environment:
                      mode: http
                      BENCH_FOLDER: %s
                  echo:
                    image: echo:1
                    fprocess: cat
                """.formatted(Nginx.script(), folder));
    }
}
