package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.Contract;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Brings about what an example of the contract says was {@code given}. */
final class ContractStage {

    private static final String ONCE = "com.openfaas.retry.attempts=0";

    private final TestServer server;
    private String letter = "";
    private String job = "";
    private String call = "";

    ContractStage(TestServer server) {
        this.server = server;
    }

    /** The id of the dead letter that was given last. */
    String letter() {
        return letter;
    }

    /** The id of the job that was given last. */
    String job() {
        return job;
    }

    /** The id of the call that was given last, as such or as a dead letter. */
    String call() {
        return call;
    }

    void set(String step) {
        String[] words = step.split(" ");
        switch (words[0]) {
            case "function" -> function(words[1], step);
            case "built" -> build();
            case "no" -> remove(words[1], words[2]);
            case "secret" -> secret("{\"name\":\"" + words[1] + "\",\"value\":\"s3cret\"}");
            case "namespace" -> namespace(words[1], step.endsWith("with a secret"));
            case "call" -> call(step);
            case "route" -> routeFile("contract-route", "direct");
            case "view" ->
                server.system("PUT", "/system/views", "{\"name\":\"timeouts\",\"place\":\"#/dead-letters\"}");
            case "alert" ->
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> server.system("/system/alerts")
                                .json()
                                .path("firing")
                                .has(0));
            case "broken" -> routeFile("contract-broken", "diretc");
            case "limited" ->
                server.send(
                        "POST",
                        "/system/queues/faas-request/concurrency",
                        "{\"concurrency\":49}".getBytes(StandardCharsets.UTF_8),
                        "Authorization",
                        server.authorization(),
                        "X-Reason",
                        "too%20many");
            case "purged" -> server.system("DELETE", "/system/queues/faas-request/messages", "");
            default -> {
                letter(step);
                call = letter.replaceFirst("[.].*", "");
            }
        }
    }

    private void build() {
        String order = Contract.SERVED
                .root()
                .at("/paths/~1function/post/requestBody/content/application~1json/examples/built/value")
                .toString();
        assertThat(server.system("POST", "/function", order).status()).isEqualTo(200);
    }

    private void remove(String kind, String name) {
        switch (kind) {
            case "function" -> server.system("DELETE", "/system/functions", "{\"functionName\":\"" + name + "\"}");
            case "secret" -> server.system("DELETE", "/system/secrets", "{\"name\":\"" + name + "\"}");
            case "namespace" -> server.system("DELETE", "/system/namespace/" + name, "");
            default -> throw new IllegalArgumentException("nobody knows how to remove a " + kind);
        }
    }

    private void namespace(String name, boolean withSecret) {
        server.system("POST", "/system/namespace/", "{\"name\":\"" + name + "\"}");
        if (withSecret) {
            secret("{\"name\":\"token\",\"namespace\":\"" + name + "\",\"value\":\"s3cret\"}");
        } else {
            String marks = "{\"labels\":{\"openfaas\":\"1\"},\"annotations\":{\"owner\":\"jane\"}}";
            server.system("PUT", "/system/namespace/" + name, marks);
        }
    }

    private void secret(String body) {
        server.system("POST", "/system/secrets", body);
    }

    private void function(String name, String step) {
        if (server.system("/system/function/" + name).status() == 404) {
            deploy(name);
        }
        if (step.endsWith("without replicas")) {
            server.scale(name, 0);
        } else {
            server.scale(name, 1);
            server.awaitReplica(name);
        }
        if (step.endsWith("that wrote something")) {
            server.post("/function/" + name, "hello");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> server.system("/system/logs?name=" + name).bytes().length > 0);
        }
    }

    private void deploy(String name) {
        switch (name) {
            case "greeter" -> {
                String deployment = Contract.SERVED
                        .root()
                        .at("/paths/~1system~1functions/post/requestBody/content/application~1json/examples")
                        .at("/created/value")
                        .toString();
                assertThat(server.system("POST", "/system/functions", deployment)
                                .status())
                        .isEqualTo(202);
            }
            case "greedy" ->
                deployJson("{\"service\":\"greedy\",\"image\":\"x\",\"envProcess\":\"cat\","
                        + "\"labels\":{\"com.openfaas.scale.max\":\"900\",\"com.openfaas.scale.factor\":\"100\"}}");
            case "answers" -> {
                Path program = Path.of("src/test/resources/dev/caravan/testing/answers.py");
                server.deployAs(name, "python3 " + program.toAbsolutePath(), Map.of("mode", "http"));
            }
            case "sealed" -> {
                set("secret token");
                deployJson("{\"service\":\"sealed\",\"image\":\"x\",\"envProcess\":\"cat\",\"secrets\":[\"token\"]}");
            }
            case "closed" -> server.deployAs(name, "cat", Map.of(), "dev.caravan.auth=basic");
            case "full" -> server.deployAs(name, "cat", Map.of(), "dev.caravan.queue.max-waiting=1");
            case "slow" -> server.deployAs(name, "sleep 60", Map.of());
            default -> server.deployAs(name, "cat", Map.of());
        }
    }

    /** One that is there as it was when it was made, or as a call has changed it. */
    private void routeFile(String id, String scheme) {
        Path file = server.routes().resolve("triggers").resolve(id + ".camel.yaml");
        try {
            if (Files.notExists(file)) {
                Files.writeString(file, """
                        - route:
                            id: %s
                            from:
                              uri: %s:%s
                              steps:
                                - stop: {}
                        """.formatted(id, scheme, id));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> server.system("/system/routes")
                        .json()
                        .findValuesAsText("id")
                        .contains(id));
    }

    private void deployJson(String deployment) {
        assertThat(server.system("POST", "/system/functions", deployment).status())
                .isEqualTo(202);
    }

    private void call(String step) {
        switch (step) {
            case "call that succeeded" -> call("hello", new byte[0], "succeeded");
            case "call for later" -> call("hello", new byte[0], "scheduled", "X-Delay", "1h", "X-Order-Key", "one");
            case "call for later of a full function" -> call("full", new byte[0], "scheduled", "X-Delay", "1h");
            case "call with a large answer" -> call("hello", new byte[20_000], "succeeded");
            case "call of a closed function" ->
                call("closed", new byte[0], "succeeded", "Authorization", server.authorization());
            default -> throw new IllegalArgumentException("nobody knows how to bring about: " + step);
        }
    }

    private void call(String function, byte[] body, String status, String... headers) {
        set("function " + function);
        Reply accepted = server.send("POST", "/async-function/" + function, body, headers);
        call = accepted.header("X-Call-Id");
        awaitStatus(call, status);
    }

    private void awaitStatus(String id, String status) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> server.system("/system/calls/" + id)
                        .json()
                        .path("status")
                        .asText()
                        .equals(status));
    }

    private void letter(String step) {
        switch (step) {
            case "dead letter" -> letter = deadLetter("hello".getBytes(StandardCharsets.UTF_8));
            case "dead letter of bytes" -> letter = deadLetter(new byte[] {(byte) 0xff});
            case "dead letter without an answer" -> {
                String function = server.deployAnswers(ONCE);
                letter = letterOf(function, server.callAsync(function + "/crash", "hello"));
            }
            case "two dead letters" -> {
                set("dead letter");
                set("dead letter");
            }
            case "deleted dead letter" -> {
                set("dead letter");
                deleteLetter();
            }
            case "deleted dead letter without an answer" -> {
                set("dead letter without an answer");
                deleteLetter();
            }
            case "running job" -> {
                set("dead letter");
                job = job("{\"filter\":{\"function\":\"" + function() + "\"},\"ratePerSecond\":0.001,"
                        + "\"stopAtFailureRate\":0.5,\"canaries\":[1,10],\"maxInFlight\":5,"
                        + "\"startAt\":\"2026-01-01T00:00:00Z\",\"skipReplayed\":true}");
            }
            case "refused job" -> {
                set("replayed dead letter");
                String again = letter.replaceFirst("1$", "2");
                await().atMost(Duration.ofSeconds(60))
                        .until(() ->
                                server.system("/system/dead-letters/" + again).status() == 200);
                letter = again;
                job = job("{\"filter\":{\"function\":\"" + function() + "\"}}");
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> server.system("/system/jobs/" + job)
                                .json()
                                .get("state")
                                .asText()
                                .equals("done"));
            }
            case "edited dead letter" -> {
                set("dead letter");
                edit("{\"body\":\"other\"}");
            }
            case "edited dead letter of bytes" -> {
                set("dead letter of bytes");
                edit("{\"bodyBase64\":\"/w==\",\"headers\":{\"X-Trial\":\"2\"}}");
            }
            case "replayed dead letter" -> {
                set("dead letter");
                assertThat(server.system("POST", "/system/dead-letters/" + letter + "/replay", "")
                                .status())
                        .isEqualTo(202);
            }
            default -> throw new IllegalArgumentException("nobody knows how to bring about: " + step);
        }
    }

    private void edit(String edits) {
        assertThat(server.system("POST", "/system/dead-letters/" + letter + "/replay", edits)
                        .status())
                .isEqualTo(202);
    }

    private void deleteLetter() {
        assertThat(server.system("DELETE", "/system/dead-letters/" + letter, "").status())
                .isEqualTo(202);
    }

    /** Of the letter that was given last. */
    private String function() {
        return server.system("/system/dead-letters/" + letter)
                .json()
                .get("function")
                .asText();
    }

    private String job(String request) {
        return server.system("POST", "/system/dead-letters/replay", request)
                .json()
                .get("job")
                .asText();
    }

    private String deadLetter(byte[] body) {
        String function = server.deployScript("fails", "cat > /dev/null; echo no; exit 1", ONCE);
        Reply accepted = server.send("POST", "/async-function/" + function, body, "Content-Type", "text/plain");
        return letterOf(function, accepted.header("X-Call-Id"));
    }

    private String letterOf(String function, String call) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !server.deadLetters(function).isEmpty());
        // The letter is there a moment before its call says that it is dead.
        awaitStatus(call, "dead");
        return call + ".1";
    }
}
