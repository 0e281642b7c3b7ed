package dev.caravan.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.Main;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A whole Caravan in a process of its own, to be killed, stopped and started again on the same data folder and the same
 * ports. {@link #close} leaves no process behind, neither its own nor one of its functions.
 */
public final class CaravanProcess implements AutoCloseable {

    /** How a process ended. */
    public record Exit(int code, Duration took) {}

    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(90);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);
    private static final Pattern CALLS =
            Pattern.compile("caravan_calls\\{queue=\"([^\"]*)\",state=\"([^\"]*)\"\\} ([0-9.E]+)");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Those to be ended should this JVM be stopped in the middle of a test. */
    private static final Set<CaravanProcess> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(CaravanProcess::killAll)));
    }

    private final Path folder;
    private final Map<String, String> settings;
    private final int port;
    private final int managementPort;
    private Process process;

    private CaravanProcess(Path folder, Map<String, String> settings) throws IOException {
        this.folder = folder;
        this.port = freePort();
        this.managementPort = freePort();
        this.settings = new HashMap<>(Map.of(
                "CARAVAN_PORT", Integer.toString(port),
                "CARAVAN_MANAGEMENT_PORT", Integer.toString(managementPort),
                "CARAVAN_DATA", folder.resolve("data").toString(),
                "CARAVAN_ROUTES", Path.of("routes").toAbsolutePath().toString(),
                "CARAVAN_STACK", "",
                // Scaled to none, a function holds its calls.
                "CARAVAN_SCALE_FROM_ZERO", "false",
                "CARAVAN_AUTH", "none"));
        this.settings.putAll(settings);
        this.process = launch();
    }

    /**
     * Starts one and returns once it answers.
     *
     * @param folder gets the data folder and the output
     * @param settings {@code CARAVAN_} variables besides ports, data and routes
     */
    public static CaravanProcess start(Path folder, Map<String, String> settings) throws IOException {
        var caravan = new CaravanProcess(folder, settings);
        OPEN.add(caravan);
        try {
            caravan.awaitAnswer();
            return caravan;
        } catch (RuntimeException | Error e) {
            caravan.close();
            throw e;
        }
    }

    /** A port below those that the system gives to connections, so that it is still free after a restart. */
    public static int freePort() throws IOException {
        for (int tries = 0; tries < 100; tries++) {
            int candidate = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (var socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IOException("no free port found");
    }

    private Process launch() throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // As the launcher does.
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
        if (Runtime.version().feature() >= 24) {
            command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"));
        }
        command.addAll(List.of("-cp", mainClassPath(), Main.class.getName()));
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("output").toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("CARAVAN_"));
        builder.environment().putAll(settings);
        return builder.start();
    }

    private static String mainClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void awaitAnswer() {
        await().atMost(START_LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("it ended with " + process.exitValue() + ":\n" + output());
            }
            return answers();
        });
    }

    private boolean answers() throws InterruptedException {
        try {
            return send(HttpRequest.newBuilder(management("/healthz"))).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Starts another process with the same settings and waits for its end. */
    public Exit startSecond() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Process second = launch();
        try {
            assertThat(second.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as("the second process ends")
                    .isTrue();
            return new Exit(second.exitValue(), Duration.ofNanos(System.nanoTime() - begin));
        } finally {
            second.destroyForcibly();
        }
    }

    /** SIGKILL: nothing is finished, flushed or told. Functions are left behind. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** SIGTERM, and waits for the end. */
    public Exit terminate() throws InterruptedException {
        long begin = System.nanoTime();
        process.destroy();
        assertThat(process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("it ends after SIGTERM")
                .isTrue();
        return new Exit(process.exitValue(), Duration.ofNanos(System.nanoTime() - begin));
    }

    /** Starts it again on what the last run left, and returns once it answers. */
    public void restart() throws IOException {
        assertThat(process.isAlive()).as("still running").isFalse();
        process = launch();
        awaitAnswer();
    }

    public boolean running() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    public Path data() {
        return folder.resolve("data");
    }

    /** What all runs have printed. */
    public String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }

    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    public URI management(String path) {
        return URI.create("http://127.0.0.1:" + managementPort + path);
    }

    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpRequest built = request.build();
        return CLIENT.send(
                built.timeout().isPresent()
                        ? built
                        : request.timeout(ANSWER_LIMIT).build(),
                BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(url(path)).POST(BodyPublishers.ofString(body)));
    }

    /** What {@code /system} says at a path. */
    public JsonNode get(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(url(path)));
        assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    /** Deploys a function; {@code command} is split at spaces. */
    public void deploy(String name, String command, Map<String, String> variables, Map<String, String> annotations)
            throws IOException, InterruptedException {
        String json = JSON.writeValueAsString(Map.of(
                "service", name,
                "image", name,
                "envProcess", command,
                "envVars", variables,
                "annotations", annotations));
        HttpResponse<String> answer = post("/system/functions", json);
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
    }

    /** Waits until a function can take calls. */
    public void awaitReplica(String name) {
        await(name + " is ready")
                .atMost(START_LIMIT)
                .until(() -> get("/system/function/" + name)
                                .path("availableReplicas")
                                .asInt()
                        > 0);
    }

    public void scale(String name, int replicas) throws IOException, InterruptedException {
        String json = JSON.writeValueAsString(Map.of("serviceName", name, "replicas", replicas));
        HttpResponse<String> answer = post("/system/scale-function/" + name, json);
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
    }

    public void delete(String function) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(url("/system/functions"))
                .method("DELETE", BodyPublishers.ofString("{\"functionName\":\"" + function + "\"}")));
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
    }

    /** The metric {@code caravan_calls} of a logical queue, by state. */
    public Map<String, Long> calls(String queue) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(management("/metrics")));
        var states = new TreeMap<String, Long>();
        for (Matcher row = CALLS.matcher(answer.body()); row.find(); ) {
            if (row.group(1).equals(queue)) {
                states.put(row.group(2), (long) Double.parseDouble(row.group(3)));
            }
        }
        states.values().removeIf(count -> count == 0);
        return states;
    }

    /** Processes of this data folder's functions that run now, whoever started them. */
    public List<ProcessHandle> functionProcesses() {
        Optional<String> owner = owner();
        if (owner.isEmpty()) {
            return List.of();
        }
        return ProcessHandle.allProcesses()
                .filter(candidate -> environment(candidate).anyMatch(text -> text.startsWith(owner.get())))
                .toList();
    }

    /** Those of {@link #functionProcesses} that a process of ours with this id started. */
    public List<ProcessHandle> functionProcessesOf(long ownerPid) {
        return functionProcesses().stream()
                .filter(candidate -> environment(candidate)
                        .anyMatch(text -> text.startsWith(owner().orElseThrow() + ":" + ownerPid + ":")))
                .toList();
    }

    private Optional<String> owner() {
        try {
            return Optional.of("CARAVAN_OWNER="
                    + Files.readString(data().resolve("process-owner")).strip());
        } catch (IOException e) {
            return Optional.empty(); // it never came so far
        }
    }

    private static Stream<String> environment(ProcessHandle process) {
        try {
            return Arrays.stream(Files.readString(
                            Path.of("/proc", Long.toString(process.pid()), "environ"), StandardCharsets.ISO_8859_1)
                    .split("\0"));
        } catch (IOException e) {
            return Stream.empty(); // it ended, or is somebody else's
        }
    }

    @Override
    public void close() {
        OPEN.remove(this);
        killAll();
    }

    private void killAll() {
        process.destroyForcibly();
        // Again until none is left: one may have forked between being seen and being ended.
        for (int rounds = 0; rounds < 100; rounds++) {
            List<ProcessHandle> left = functionProcesses();
            if (left.isEmpty()) {
                return;
            }
            left.forEach(ProcessHandle::destroyForcibly);
            left.forEach(ended -> ended.onExit()
                    .orTimeout(1, TimeUnit.SECONDS)
                    .exceptionally(late -> ended)
                    .join());
        }
    }
}
