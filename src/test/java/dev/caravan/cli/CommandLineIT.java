package dev.caravan.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.Main;
import dev.caravan.testing.TestServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What an operator types at three in the morning, at a real server with functions that really fail. */
class CommandLineIT {

    private static final String ONCE = "com.openfaas.retry.attempts=0";

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @TempDir
    Path folder;

    private record Said(int exit, String out, String err) {}

    private static Map<String, String> environment() {
        return Map.of(
                "CARAVAN_URL",
                server.url(""),
                "CARAVAN_SECRETS",
                server.data().resolve("secrets").toString());
    }

    private static Said run(String... words) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        try {
            int exit = new CommandLine(
                            environment(),
                            new ByteArrayInputStream("yes\n".getBytes(UTF_8)),
                            new PrintStream(out, true, UTF_8),
                            new PrintStream(err, true, UTF_8))
                    .run(List.of(words));
            return new Said(exit, out.toString(UTF_8), err.toString(UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String well(String... words) {
        Said said = run(words);
        assertThat(said.exit()).as(said.toString()).isZero();
        return said.out();
    }

    @Test
    void aDeadLetterIsFoundReadRepairedAndReplayed() throws Exception {
        String fails = server.deployScript("fails", "grep -q good", ONCE);
        String id = server.callAsync(fails, "bad body", "Content-Type", "text/plain");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> server.deadLetters(fails).size() == 1);
        String letter = id + ".1";

        assertThat(well("letters", "list", "fn:" + fails)).contains(letter, "attempts-exhausted");
        assertThat(well("letters", "groups", "fn:" + fails)).contains("COUNT  FUNCTION");
        assertThat(well("letters", "show", letter)).contains("bad body", "history:");
        assertThat(well("calls", "show", id)).contains("status ", "dead", "attempts:");
        assertThat(well("calls", "request", id)).contains("bad body");
        Path good = Files.writeString(folder.resolve("good"), "good body");

        well("letters", "replay", letter, "--body", good.toString(), "--reason", "it was broken");

        await().atMost(Duration.ofMinutes(1))
                .until(() -> well("calls", "show", id).contains("succeeded"));
        assertThat(well("calls", "result", id, "--wait", "30s")).isEmpty();
        assertThat(well("calls", "edits", id)).contains("before:", "after:", "good body");
        assertThat(well("audit", "list", "--action", "replay-dead-letter")).contains("it was broken");
        Said again = run("letters", "replay", letter);
        assertThat(again.exit()).isEqualTo(1);
        assertThat(again.err()).isEqualTo("caravan: the call was replayed already\n");
    }

    @Test
    void manyAreTriedReplayedFollowedExportedDeletedAndPutBack() throws Exception {
        String fails = server.deployScript("fails", "exit 1", ONCE);
        for (int i = 0; i < 3; i++) {
            server.callAsync(fails, "x");
        }
        await().atMost(Duration.ofMinutes(1))
                .until(() -> server.deadLetters(fails).size() == 3);

        assertThat(well("letters", "replay-many", "fn:" + fails, "--dry-run")).contains("matched   3", "sample:");
        String job = well("letters", "replay-many", "fn:" + fails, "--rate", "50")
                .lines()
                .filter(line -> line.startsWith("job"))
                .map(line -> line.replaceAll("job +", ""))
                .findFirst()
                .orElseThrow();
        assertThat(well("jobs", "follow", job)).contains("done: 3 of 3 replayed");
        assertThat(well("jobs", "list")).contains(job);
        await().atMost(Duration.ofMinutes(1))
                .until(() -> server.deadLetters(fails).size() == 3);

        Path file = folder.resolve("letters.ndjson");
        Files.writeString(file, well("letters", "export", "--function", fails));
        assertThat(Files.readAllLines(file)).hasSize(3);
        assertThat(well("letters", "export", "--function", fails, "--format", "csv"))
                .startsWith("id,callId,");
        assertThat(well("letters", "delete-many", "fn:" + fails, "--reason", "rubbish"))
                .contains("deleted  3");
        assertThat(well("letters", "import", file.toString())).contains("imported  3");
        String one = server.deadLetters(fails).get(0).path("id").asText();
        well("letters", "delete", one);
        assertThat(well("letters", "restore", one)).contains(one);
    }

    @Test
    void queuesFunctionsRoutesAndTheRestAreSeenAndSteered() {
        String echo = server.deploy("echo", "cat");

        assertThat(well("functions", "list")).contains("NAME", echo);
        assertThat(well("functions", "show", echo)).contains("envProcess");
        well("functions", "scale", echo, "2");
        assertThat(well("functions", "logs", echo, "--tail", "5")).isNotNull();
        assertThat(well("queues", "pause", "faas-request", "--function", echo)).contains(echo);
        assertThat(well("queues", "list")).contains("faas-request", echo);
        String id = server.callAsync(echo, "x");
        well("calls", "cancel", id);
        assertThat(well("calls", "list", "--function", echo)).contains(id, "cancelled");
        assertThat(well("queues", "purge", "faas-request", "--function", echo)).contains("cancelled");
        well("queues", "resume", "faas-request", "--function", echo);
        assertThat(well("queues", "limit", "faas-request", "7")).contains("concurrency");
        well("queues", "unlimit", "faas-request");
        assertThat(well("routes", "list")).contains("accept-call");
        assertThat(well("routes", "source", "accept-call")).contains("id: accept-call");
        assertThat(well("routes", "show", "accept-call")).contains("platform-http");
        assertThat(well("stats", "show")).contains("caravan.queues.faas-request=");
        assertThat(well("alerts", "list")).startsWith("SINCE");
        assertThat(well("session", "show")).contains("admin", "*.*");
        assertThat(well("settings", "list")).contains("CARAVAN_PORT");
        assertThat(well("info", "show")).contains("process");
        assertThat(well("audit", "export", "--format", "csv")).startsWith("at,user,");
        assertThat(run("functions", "show", "nowhere").err())
                .isEqualTo("caravan: function \"nowhere.openfaas-fn\" not found\n");
        assertThat(run("letters", "list", "nonsense:x").err())
                .startsWith("caravan: q, character 1: there is no field ");
    }

    @Test
    void aRouteIsTriedBeforeItIsUsed() throws Exception {
        Path file = Files.writeString(folder.resolve("x.camel.yaml"), """
                - route:
                    id: nothing-to-say
                    from:
                      uri: tiemr:nothing-to-say
                      steps:
                        - stop: {}
                """);

        assertThat(well("routes", "validate", file.toString())).contains("LINE", "no component is called", "timer");
    }

    @Test
    void theProgramEndsWithWhatItSays() throws Exception {
        assertThat(process("queues", "list").exit()).isZero();
        assertThat(process("queues", "pause", "nowhere").exit()).isEqualTo(1);
        assertThat(process("queues", "paws", "nowhere").exit()).isEqualTo(2);
    }

    private Said process(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(words));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CARAVAN_"));
        builder.environment().putAll(environment());
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
