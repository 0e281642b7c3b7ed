package dev.caravan.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.ScriptedFunction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is typed, and what comes of it, at a server that only says what it is told to. */
class CommandLineTest {

    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>();

    /** What the server was sent. */
    private final List<String> bodies = new CopyOnWriteArrayList<>();

    private record Said(int exit, String out, String err) {}

    @BeforeEach
    void nobodyIsThere() {
        environment.put("CARAVAN_URL", "http://127.0.0.1:1");
        environment.put("CARAVAN_SECRETS", folder.resolve("none").toString());
    }

    private Said run(String typed, String... words) throws InterruptedException {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int exit = new CommandLine(
                        environment,
                        new ByteArrayInputStream(typed.getBytes(UTF_8)),
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8))
                .run(List.of(words));
        return new Said(exit, out.toString(UTF_8), err.toString(UTF_8));
    }

    private ScriptedFunction server(String type, String body) throws IOException {
        var server = new ScriptedFunction((head, in, out) -> {
            bodies.add(head.bodyFrom(in));
            ScriptedFunction.reply(out, "200 OK", body, "Content-Type: " + type);
            return true;
        });
        environment.put("CARAVAN_URL", server.uri().toString().replaceAll("/$", ""));
        return server;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lettres list             | nothing is called \"lettres\"; there are calls, letters, jobs",
                "letters lst              | \"letters\" knows no \"lst\"; it knows list, groups, show",
                "letters show             | ID is missing: the letter's id",
                "letters show a b         | \"b\" is one word too many; usage: letters show ID",
                "letters list --lim 5     | --lim is nothing that \"letters list\" knows",
                "letters list --limit     | --limit needs a value",
                "letters list --limit few | --limit is a number, not \"few\"",
                "letters replay x --header novalue | --header is NAME=VALUE",
                "letters import nowhere.ndjson     | there is no file nowhere.ndjson",
                "functions scale hello few         | N is a number",
            })
    void whatMakesNoSenseIsSaidInOneLineAndEndsWithTwo(String typed, String why) throws Exception {
        Said said = run("", typed.split(" "));

        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.err()).startsWith("caravan: " + why).hasLineCount(1);
        assertThat(said.out()).isEmpty();
    }

    @Test
    void whereNobodyAnswersThatIsSaidAndEndsWithOne() throws Exception {
        Said said = run("", "letters", "list");

        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.err()).startsWith("caravan: no answer from http://127.0.0.1:1: ");
    }

    @Test
    void anAddressOrPasswordFileThatMakesNoSenseIsNamed() throws Exception {
        environment.put("CARAVAN_PASSWORD_FILE", folder.resolve("gone").toString());
        assertThat(run("", "letters", "list").err()).contains("CARAVAN_PASSWORD_FILE cannot be read: ");
        environment.put("CARAVAN_URL", "localhost:8080");
        assertThat(run("", "letters", "list").err()).contains("CARAVAN_URL must be as http://127.0.0.1:8080");
    }

    @Test
    void helpTellsOfAllOfOneAndOfOneVerb() throws Exception {
        assertThat(run("", "help").out()).contains("  letters replay-many ", "  queues purge ");
        assertThat(run("").out()).contains("  calls list ");
        assertThat(run("", "jobs", "help").out()).contains("  jobs follow ").doesNotContain("letters");
        Said one = run("", "letters", "replay-many", "--help");
        assertThat(one.exit()).isZero();
        assertThat(one.out()).contains("usage: ./caravan letters replay-many [WORDS...]", "--stop-at-failure-rate ");
    }

    @Test
    void aTableHasItsColumnsInLineAndNothingThatSteersATerminal() throws Exception {
        try (ScriptedFunction server = server(
                "application/json",
                "{\"items\":[{\"id\":\"a.1\",\"function\":\"f\",\"error\":\"red \\u001b[31m\\nline\"},"
                        + "{\"id\":\"long-one.1\",\"function\":\"g\",\"deadAt\":\"2026-01-31T12:00:00.123456Z\"}],"
                        + "\"total\":2,\"next\":\"x-y\"}")) {
            Said said = run("", "letters", "list", "fn:f", "two words", "--limit", "2");

            List<String> lines = said.out().lines().toList();
            assertThat(lines).hasSize(3);
            assertThat(lines.get(0)).startsWith("ID          FUNCTION  REASON");
            assertThat(lines.get(1)).startsWith("a.1         f").contains("red  [31m line");
            assertThat(lines.get(2)).startsWith("long-one.1  g").contains("2026-01-31T12:00:00Z");
            assertThat(said.out()).doesNotContain("\u001b");
            assertThat(said.err()).isEqualTo("2 in all\nthere are more: --cursor x-y\n");
            assertThat(server.seen().get(0).start())
                    .isEqualTo("GET /system/dead-letters?q=fn%3Af%20two%20words&limit=2 HTTP/1.1");
        }
    }

    @Test
    void aProgramGetsTheAnswerAsItIs() throws Exception {
        try (ScriptedFunction server = server("application/json", "{\"items\":[],\"total\":0}")) {
            Said said = run("", "letters", "list", "--json");

            assertThat(said.out()).isEqualToIgnoringWhitespace("{\"items\":[],\"total\":0}");
            assertThat(server.seen().get(0).value("authorization")).isNull();
        }
    }

    @Test
    void whoAsksComesFromFilesAndIsTheLocalAdminWhenNothingIsSaid() throws Exception {
        Files.writeString(folder.resolve("basic-auth-user"), "root\n");
        Files.writeString(folder.resolve("basic-auth-password"), "s3cret\n");
        environment.put("CARAVAN_SECRETS", folder.toString());
        try (ScriptedFunction server = server("application/json", "{}")) {
            run("", "info", "show");
            Files.writeString(folder.resolve("mine"), "hers");
            environment.put("CARAVAN_USER", "ann");
            environment.put("CARAVAN_PASSWORD_FILE", folder.resolve("mine").toString());
            run("", "info", "show");

            // root:s3cret and ann:hers
            assertThat(server.seen())
                    .extracting(seen -> seen.value("authorization"))
                    .containsExactly("Basic cm9vdDpzM2NyZXQ=", "Basic YW5uOmhlcnM=");
        }
    }

    @Test
    void manyAreReplayedAsTheOptionsSay() throws Exception {
        try (ScriptedFunction server = server("application/json", "{\"job\":\"j\",\"matched\":3}")) {
            Said said = run(
                    "",
                    ("letters replay-many fn:f http:5xx --rate 20 --canary 1,10 --stop-at-failure-rate 0.2 --dry-run"
                                    + " --reason why~not")
                            .split(" "));

            assertThat(said.out()).isEqualTo("job      j\nmatched  3\n");
            assertThat(bodies.get(0))
                    .isEqualTo("{\"filter\":{\"q\":\"fn:f http:5xx\"},\"ratePerSecond\":20,\"canaries\":[1,10],"
                            + "\"stopAtFailureRate\":0.2,\"dryRun\":true}");
            assertThat(server.seen().get(0).value("x-reason")).isEqualTo("why%7Enot");
        }
    }

    @Test
    void anEditedLetterTakesItsBodyFromAFile() throws Exception {
        Path body = Files.writeString(folder.resolve("body"), "hello");
        try (ScriptedFunction server = server("application/json", "{\"callId\":\"c\"}")) {
            run("", "letters", "replay", "c.1", "--body", body.toString(), "--header", "X-A=b=c", "--header", "X-B=");
            run("from stdin", "letters", "replay", "c.1", "--body", "-", "--function", "g");

            assertThat(bodies)
                    .containsExactly(
                            "{\"bodyBase64\":\"aGVsbG8=\",\"headers\":{\"X-A\":[\"b=c\"],\"X-B\":null}}",
                            "{\"bodyBase64\":\"ZnJvbSBzdGRpbg==\",\"function\":\"g\"}");
        }
    }

    @Test
    void manyAreDeletedOnlyAfterAYes() throws Exception {
        try (ScriptedFunction server = server("application/json", "{\"items\":[],\"total\":7,\"deleted\":7}")) {
            Said no = run("no\n", "letters", "delete-many", "fn:f");
            assertThat(no.exit()).isEqualTo(1);
            assertThat(no.err())
                    .contains("delete all dead letters that match? 7 match. yes or no: ", "nothing was done");
            run("yes\n", "letters", "delete-many");
            run("", "letters", "delete-many", "fn:f", "--yes");

            assertThat(server.seen())
                    .extracting(seen -> seen.start().replace(" HTTP/1.1", ""))
                    .containsExactly(
                            "GET /system/dead-letters?q=fn%3Af&limit=1",
                            "GET /system/dead-letters?limit=1",
                            "DELETE /system/dead-letters?confirm=7",
                            "DELETE /system/dead-letters?q=fn%3Af");
        }
    }

    @Test
    void aJobIsFollowedUntilItIsOver() throws Exception {
        try (ScriptedFunction server = server(
                "application/json",
                "{\"state\":\"done\",\"matched\":3,\"replayed\":3,\"succeeded\":3,\"inFlight\":0}")) {
            Said said = run("", "jobs", "follow", "j");

            assertThat(said.exit()).isZero();
            assertThat(said.out()).isEqualTo("done: 3 of 3 replayed, 3 succeeded, 0 failed, 0 under way\n");
            assertThat(server.seen()).hasSize(1);
        }
        try (ScriptedFunction server = server(
                "application/json", "{\"state\":\"stopped\",\"matched\":3,\"replayed\":1,\"note\":\"too many\"}")) {
            Said said = run("", "jobs", "follow", "j");

            assertThat(said.exit()).isEqualTo(1);
            assertThat(said.out()).contains("stopped: 1 of 3", "; too many");
            assertThat(server.seen()).hasSize(1);
        }
    }
}
