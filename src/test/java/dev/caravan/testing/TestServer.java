package dev.caravan.testing;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.Caravan;
import dev.caravan.config.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A whole Caravan in this process, on free ports and a fresh folder, with a copy of the shipped routes and no function
 * but those a test deploys; and an HTTP client of it.
 *
 * <p>As a static {@code @RegisterExtension} field it lives as long as its test class. A test that needs one of its own
 * starts and closes it by hand.
 */
public final class TestServer implements AutoCloseable, BeforeAllCallback, AfterAllCallback {

    /** An answer, read to its end. */
    public record Reply(HttpResponse<byte[]> answer) {

        private static final ObjectMapper JSON = new ObjectMapper();

        public int status() {
            return answer.statusCode();
        }

        public byte[] bytes() {
            return answer.body();
        }

        public String text() {
            return new String(answer.body(), StandardCharsets.UTF_8);
        }

        public JsonNode json() {
            try {
                return JSON.readTree(answer.body());
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + text(), e);
            }
        }

        /** The header's first value; empty when there is none. */
        public String header(String name) {
            return answer.headers().firstValue(name).orElse("");
        }

        @Override
        public String toString() {
            return status() + " " + answer.headers().map() + " " + text();
        }
    }

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> settings = new HashMap<>();
    private final Path folder;
    private @Nullable Caravan caravan;

    private TestServer(List<String> overrides) {
        try {
            folder = Files.createTempDirectory("caravan-server");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        set("CARAVAN_PORT=0");
        set("CARAVAN_MANAGEMENT_PORT=0");
        set("CARAVAN_DATA=" + folder.resolve("data"));
        set("CARAVAN_ROUTES=" + routes());
        set("CARAVAN_STACK=");
        set("CARAVAN_DRAIN=2s");
        overrides.forEach(this::set);
    }

    /** One that is not started yet. @param settings as {@code CARAVAN_NAME=value} */
    public static TestServer with(String... settings) {
        return new TestServer(Arrays.asList(settings));
    }

    /** Sets or replaces a setting for the next start, as {@code CARAVAN_NAME=value}. */
    public TestServer set(String setting) {
        int equals = setting.indexOf('=');
        settings.put(setting.substring(0, equals), setting.substring(equals + 1));
        return this;
    }

    /** Starts it, again if it was stopped: on the same folder. */
    public TestServer start() {
        if (Files.notExists(routes())) {
            copy(Path.of("routes"), routes());
        }
        caravan = Caravan.start(Settings.from(settings), settings);
        return this;
    }

    /** Stops it, gracefully; its folder stays. */
    public void stop() {
        if (caravan != null) {
            caravan.close();
            caravan = null;
        }
    }

    /** Stops it and deletes its folder. */
    @Override
    public void close() {
        stop();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        start();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    /** Everything of this server stands below it. */
    public Path folder() {
        return folder;
    }

    public Path data() {
        return folder.resolve("data");
    }

    public Path routes() {
        return folder.resolve("routes");
    }

    public int port() {
        return running().port();
    }

    /** The port of metrics and health. */
    public int managementPort() {
        return running().managementPort();
    }

    public String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    public String password() {
        try {
            return Files.readString(data().resolve("secrets/basic-auth-password"))
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Caravan running() {
        return Objects.requireNonNull(caravan, "the server is not started");
    }

    /** A request as anybody may send it. @param headers names and values in turns */
    public Reply send(String method, String path, byte[] body, String... headers) {
        return exchange(url(path), method, body, headers);
    }

    public Reply get(String path, String... headers) {
        return send("GET", path, new byte[0], headers);
    }

    public Reply post(String path, String body, String... headers) {
        return send("POST", path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** A request with the operator's credentials. */
    public Reply system(String method, String path, String body) {
        return send(method, path, body.getBytes(StandardCharsets.UTF_8), "Authorization", authorization());
    }

    /** Has a function built. @return what is said meanwhile, line by line; the last is how it ended */
    public JsonNode follow(String order) {
        return Contract.body(send(
                "POST",
                "/function",
                order.getBytes(StandardCharsets.UTF_8),
                "Authorization",
                authorization(),
                "Accept",
                "application/x-ndjson"));
    }

    public Reply system(String path) {
        return system("GET", path, "");
    }

    public String authorization() {
        byte[] credentials = ("admin:" + password()).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(credentials);
    }

    /** A request to the management port. */
    public Reply management(String path) {
        return exchange("http://127.0.0.1:" + running().managementPort() + path, "GET", new byte[0]);
    }

    /** Every answer that a test gets is held to the contract, whatever the test looks at. */
    private Reply exchange(String url, String method, byte[] body, String... headers) {
        Reply reply = sent(url, method, body, headers);
        if (caravan != null && url.startsWith(url(""))) {
            List<String> problems = Contract.SERVED.problems(method, url.substring(url("").length()), reply);
            if (!problems.isEmpty()) {
                throw new AssertionError("not as openapi.yaml has it: " + method + " " + url + ": "
                        + String.join("; ", problems) + ": " + reply);
            }
        }
        return reply;
    }

    private Reply sent(String url, String method, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(60))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return new Reply(http.send(request.build(), BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The value of a metric; 0 when it is not there. @param series its name with its labels, as it is written */
    public double metric(String series) {
        return management("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .sum();
    }

    /** How often a function answered with a status. */
    public double invocations(String function, int status) {
        return metric("gateway_function_invocation_total{code=\"" + status + "\",function_name=\"" + function
                + ".openfaas-fn\"}");
    }

    /** How many asynchronous calls are in a state. */
    public double calls(String state) {
        return metric("caravan_calls{queue=\"faas-request\",state=\"" + state + "\"}");
    }

    /** How many asynchronous calls there are, whatever their state: all at one moment. */
    public double calls() {
        return management("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("caravan_calls{queue=\"faas-request\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** The dead letters of a function, newest first. */
    public JsonNode deadLetters(String function) {
        return system("/system/dead-letters?function=" + function).json().get("items");
    }

    /** A name no other function has. */
    public static String freshName(String stem) {
        return stem + "-" + NAMES.incrementAndGet();
    }

    /**
     * Deploys a function under a fresh name.
     *
     * @param process its command, split at spaces
     * @param annotations as {@code name=value}
     * @return its name
     */
    public String deploy(String stem, String process, String... annotations) {
        String name = freshName(stem);
        deployAs(name, process, Map.of(), annotations);
        return name;
    }

    /** Deploys a function that runs a shell script for each call. */
    public String deployScript(String stem, String script, String... annotations) {
        return deployScript(stem, script, Map.of(), annotations);
    }

    /** Deploys a function that runs a shell script for each call, with settings of its own. */
    public String deployScript(String stem, String script, Map<String, String> environment, String... annotations) {
        String name = freshName(stem);
        deployAs(name, "sh " + scriptFile(name, script), environment, annotations);
        return name;
    }

    /** Deploys a function that answers as its path says, see {@code answers.py}. */
    public String deployAnswers(String... annotations) {
        String name = freshName("answers");
        Path program = Path.of("src/test/resources/dev/caravan/testing/answers.py");
        deployAs(name, "python3 " + program.toAbsolutePath(), Map.of("mode", "http"), annotations);
        awaitReplica(name);
        return name;
    }

    /** Waits until a function can take calls. */
    public void awaitReplica(String function) {
        await(function + " is ready")
                .atMost(Duration.ofSeconds(20))
                .until(() -> system("/system/function/" + function)
                                .json()
                                .path("availableReplicas")
                                .asInt()
                        > 0);
    }

    private Path scriptFile(String name, String script) {
        try {
            return Files.writeString(folder.resolve(name + ".sh"), script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deploys a function, or replaces it. */
    public void deployAs(String name, String process, Map<String, String> environment, String... annotations) {
        ObjectNode deployment = JSON.createObjectNode()
                .put("service", name)
                .put("image", name + ":latest")
                .put("envProcess", process);
        ObjectNode variables = deployment.putObject("envVars");
        environment.forEach(variables::put);
        ObjectNode notes = deployment.putObject("annotations");
        for (String annotation : annotations) {
            notes.put(
                    annotation.substring(0, annotation.indexOf('=')),
                    annotation.substring(annotation.indexOf('=') + 1));
        }
        Reply updated = system("PUT", "/system/functions", deployment.toString());
        Reply reply = updated.status() == 404 ? system("POST", "/system/functions", deployment.toString()) : updated;
        if (reply.status() != 202) {
            throw new AssertionError("not deployed: " + reply);
        }
    }

    public void scale(String function, int replicas) {
        String body = "{\"serviceName\":\"" + function + "\",\"replicas\":" + replicas + "}";
        Reply reply = system("POST", "/system/scale-function/" + function, body);
        if (reply.status() != 202) {
            throw new AssertionError("not scaled: " + reply);
        }
    }

    public void delete(String function) {
        Reply reply = system("DELETE", "/system/functions", "{\"functionName\":\"" + function + "\"}");
        if (reply.status() != 202) {
            throw new AssertionError("not deleted: " + reply);
        }
    }

    /** Sends an asynchronous call that must be accepted. @return its call id */
    public String callAsync(String functionAndPath, String body, String... headers) {
        Reply reply = post("/async-function/" + functionAndPath, body, headers);
        if (reply.status() != 202) {
            throw new AssertionError("not accepted: " + reply);
        }
        return reply.header("X-Call-Id");
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
