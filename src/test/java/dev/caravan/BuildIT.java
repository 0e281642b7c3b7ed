package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.Requirement;
import dev.caravan.testing.SourceTar;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From source to a function that runs, as a process of this machine. */
class BuildIT {

    private static final List<String> COMPILED = List.of("java", "go");
    private static final Path HANDLERS = Path.of("src/test/resources/dev/caravan/build");

    @RegisterExtension
    static final TestServer server = TestServer.with();

    /** What a handler is given and what it answers with, whatever the language; all of them answer alike. */
    @ParameterizedTest
    @ValueSource(strings = {"python", "node", "java", "go"})
    void aHandlerGetsTheRequestAndGivesStatusHeadersAndBody(String language) throws IOException {
        requireTools(language);
        String name = TestServer.freshName(language);

        JsonNode built = followed(handler(language).order(name, language));
        server.awaitReplica(name);

        assertThat(built.get("language").asText()).isEqualTo(language);
        assertThat(built.get("url").asText()).isEqualTo("/function/" + name);
        Reply reply = server.post("/function/" + name + "/some/path?a=1", "hello", "X-Who", "Ada");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
        assertThat(reply.header("X-Seen")).isEqualTo("POST /some/path a=1 Ada");
        assertThat(reply.text()).isEqualTo("HELLO");
        Reply json = server.get("/function/" + name + "/json");
        assertThat(json.header("Content-Type")).startsWith("application/json");
        assertThat(json.json().get("method").asText()).isEqualTo("GET");
        Reply failed = server.get("/function/" + name + "/fail");
        assertThat(failed.status()).isEqualTo(500);
        assertThat(failed.text()).isEqualTo("the function failed\n");
        assertThat(server.get("/function/" + name + "/json").status())
                .as("after a failure it answers on")
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"python", "node", "java", "go", "shell"})
    void theExampleOfATemplateRuns(String language) throws IOException {
        requireTools(language);
        String name = TestServer.freshName("example-" + language);

        followed(SourceTar.of(Path.of("functions/templates", language, "function"))
                .order(name, language));
        server.awaitReplica(name);

        assertThat(server.post("/function/" + name, "Ada").text()).isEqualTo("Hello, Ada.\n");
        assertThat(server.post("/function/" + name, "").text()).isEqualTo("Hello, world.\n");
    }

    @Test
    void aShellHandlerRunsForEachCallAndFailsByItsExitStatus() throws IOException {
        String name = TestServer.freshName("shell");
        build(handler("shell").order(name, "shell"));
        server.awaitReplica(name);

        Reply reply = server.post("/function/" + name + "/some/path?a=1", "hello", "X-Who", "Ada");

        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo("POST /some/path a=1 Ada\nHELLO");
        assertThat(reply.header("Content-Type")).startsWith("text/plain");
        assertThat(server.get("/function/" + name + "/fail").status()).isEqualTo(500);
        assertThat(server.callAsync(name, "x")).isNotEmpty();
    }

    @Test
    void aPathIsAnotherNameForCallsOfTheVerbsThatItTakes() {
        String name = TestServer.freshName("aliased");
        String path = "Path_" + name;
        Reply built = build(shell("cat").order(name, "shell", "path", "/" + path, "method", "post, put"));
        server.awaitReplica(name);

        assertThat(built.json().get("url").asText()).isEqualTo("/function/" + path);
        assertThat(built.json().get("method").asText()).isEqualTo("POST,PUT");
        assertThat(server.post("/function/" + path, "by path").text()).isEqualTo("by path");
        assertThat(server.post("/function/" + path + "/more?x", "below").text()).isEqualTo("below");
        assertThat(server.post("/function/" + name, "by name").text()).isEqualTo("by name");
        for (String called : List.of(path, name, name + ".openfaas-fn")) {
            Reply refused = server.get("/function/" + called);
            assertThat(refused.status()).as(called).isEqualTo(405);
            assertThat(refused.header("Allow")).isEqualTo("POST, PUT");
        }
        Reply queued = server.post("/async-function/" + path, "x");
        assertThat(queued.status()).isEqualTo(202);

        delete(name);
        assertThat(server.post("/function/" + path, "x").status()).isEqualTo(404);
    }

    @Test
    void aPathThatIsTakenIsAConflict() {
        String name = TestServer.freshName("first");
        String other = TestServer.freshName("second");
        String deployed = server.deploy("deployed", "cat");
        build(shell("cat").order(name, "shell", "path", "path-of-" + name));

        assertRefused(409, shell("cat").order(other, "shell", "path", "path-of-" + name), "is taken by function");
        assertRefused(409, shell("cat").order(other, "shell", "path", deployed), "is taken by function");
        assertRefused(409, shell("cat").order(deployed, "shell"), "was not built from source");
        assertThat(server.system("/system/function/" + other).status()).isEqualTo(404);
        assertThat(server.system("DELETE", "/function?name=" + deployed, "").status())
                .isEqualTo(409);
    }

    @Test
    void aNameWinsOverAPath() {
        String name = TestServer.freshName("lender");
        String late = TestServer.freshName("late");
        build(shell("echo built").order(name, "shell", "path", late));
        server.awaitReplica(name);
        assertThat(server.get("/function/" + late).text()).isEqualTo("built\n");

        server.deployAs(late, "echo deployed", Map.of());
        server.awaitReplica(late);

        assertThat(server.get("/function/" + late).text()).isEqualTo("deployed\n");
    }

    @Test
    void theLogOfABuildIsStreamedAndEndsWithHowItEnded() {
        String name = TestServer.freshName("streamed");
        JsonNode lines = server.follow(shell("cat").order(name, "shell"));

        assertThat(lines.get(0).get("step").asInt()).isEqualTo(1);
        assertThat(lines.get(0).get("steps").asInt()).isEqualTo(2);
        JsonNode last = lines.get(lines.size() - 1);
        assertThat(last.get("name").asText()).isEqualTo(name);
        assertThat(last.has("function_error")).isFalse();

        JsonNode broken = server.follow(shell("if then").order(TestServer.freshName("broken"), "shell"));
        assertThat(broken.get(broken.size() - 1).get("function_error").asText())
                .startsWith("the build failed with exit status 2: function/handler.sh")
                .contains("\"then\" unexpected");
    }

    @Test
    void whatIsRefusedSaysWhyInOneLineAndLeavesNothing() throws IOException {
        String name = TestServer.freshName("refused");

        assertRefused(400, shell("if then").order(name, "shell"), "the build failed with exit status 2");
        assertRefused(400, new SourceTar().file("../handler.sh", "x").order(name, "shell"), "leads out of its folder");
        assertRefused(
                400,
                shell("cat")
                        .special("l", TarArchiveEntry.LF_SYMLINK, "/etc/passwd")
                        .order(name, "shell"),
                "is a link");
        assertRefused(400, shell("cat").file("b", new byte[3 << 20]).order(name, "shell"), "times as large");
        assertRefused(400, new SourceTar().file("other.sh", "x").order(name, "shell"), "no \"handler.sh\"");
        assertRefused(
                400, new SourceTar().file("dir/handler.sh", "x").order(name, "shell"), "but \"dir/handler.sh\": pack");
        assertRefused(400, shell("cat").order(name, "cobol"), "is not known; there are dockerfile, go, java, node,");
        assertRefused(400, shell("cat").order(name, "../shell"), "is not known");
        assertRefused(
                400,
                new SourceTar().file("Dockerfile", "FROM x").order(name, "dockerfile"),
                "needs a container engine");
        assertRefused(400, shell("cat").order("No-Name", "shell"), "function name must be a DNS label");
        assertRefused(400, shell("cat").order(name, "shell", "path", "a/b"), "path must be one segment");
        assertRefused(400, shell("cat").order(name, "shell", "path", ".."), "path must be one segment");
        assertRefused(400, shell("cat").order(name, "shell", "method", "STEAL"), "method must be some of");
        assertRefused(400, shell("cat").order(name, "shell", "namespace", "nowhere"), "nowhere");
        assertRefused(
                400,
                "{\"name\":\"x\",\"language\":\"shell\",\"source\":\"?\"}",
                "must be a gzipped tar archive in base64");

        assertThat(server.system("/system/function/" + name).status()).isEqualTo(404);
        try (Stream<Path> left = Files.walk(server.data())) {
            assertThat(left.filter(file -> file.toString().contains(name))).isEmpty();
        }
    }

    @Test
    void aFunctionIsRedeployedWithoutAFailedCallAndKeepsWhatItWasGiven() throws Exception {
        String name = TestServer.freshName("rolling");
        build(shell("echo one").order(name, "shell", "memory", "64Mi"));
        server.awaitReplica(name);
        var stop = new AtomicBoolean();
        var failures = new ArrayList<String>();
        Thread caller = new Thread(() -> {
            while (!stop.get()) {
                Reply reply = server.get("/function/" + name);
                if (reply.status() != 200) {
                    failures.add(reply.toString());
                }
            }
        });
        caller.start();
        try {
            build(shell("echo two").order(name, "shell"));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> server.get("/function/" + name).text().equals("two\n"));
        } finally {
            stop.set(true);
            caller.join();
        }

        assertThat(failures).isEmpty();
        assertThat(server.system("/system/function/" + name)
                        .json()
                        .at("/limits/memory")
                        .asText())
                .isEqualTo("64Mi");
    }

    @Test
    void whatWasBuiltIsThereAfterARestart() {
        try (TestServer own = TestServer.with().start()) {
            assertThat(own.system("POST", "/function", shell("echo here").order("kept", "shell", "path", "way"))
                            .status())
                    .isEqualTo(200);
            own.stop();
            own.start();
            own.awaitReplica("kept");

            assertThat(own.get("/function/way").text()).isEqualTo("here\n");
        }
    }

    @Test
    void theListIsAPageForPeopleAndJsonForPrograms() {
        String name = TestServer.freshName("listed");
        build(shell("cat").order(name, "shell", "path", "way-to-" + name));

        Reply page = server.system("/function");
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.header("Content-Security-Policy")).isEqualTo("default-src 'none'");
        assertThat(page.text()).contains("<a href=\"/function/way-to-" + name + "\">" + name + "</a>");
        JsonNode json = server.send(
                        "GET",
                        "/function/",
                        new byte[0],
                        "Authorization",
                        server.authorization(),
                        "Accept",
                        "application/json")
                .json();
        assertThat(json.findValuesAsText("name")).contains(name);
        assertThat(server.get("/function").status()).isEqualTo(401);
    }

    @Test
    void buildingIsAnActionThatIsNotedAndRefusedWhereNothingMayChange() {
        String name = TestServer.freshName("noted");
        build(shell("cat").order(name, "shell"));
        delete(name);

        JsonNode entries = server.system("/system/audit?limit=20").json().get("items");
        assertThat(entries.findValuesAsText("action")).contains("build-function", "delete-built-function");
        assertThat(entries.findValuesAsText("subject")).contains(name + ".openfaas-fn");

        try (TestServer shown = TestServer.with("CARAVAN_READ_ONLY=true").start()) {
            assertThat(shown.system("POST", "/function", shell("cat").order("no", "shell"))
                            .status())
                    .isEqualTo(403);
            assertThat(shown.system("/function").status()).isEqualTo(200);
        }
    }

    /** For what may take longer than a request waits for its answer, as a compiler without its cache. */
    private static JsonNode followed(String order) {
        JsonNode lines = server.follow(order);
        JsonNode last = lines.get(lines.size() - 1);
        assertThat(last.has("function_error")).as(lines.toString()).isFalse();
        return last;
    }

    private static Reply build(String order) {
        Reply reply = server.system("POST", "/function", order);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply;
    }

    private static void delete(String name) {
        Reply reply = server.system("DELETE", "/function", "{\"name\":\"" + name + "\"}");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    private static void assertRefused(int status, String order, String why) {
        Reply reply = server.system("POST", "/function", order);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
        assertThat(reply.json().get("function_error").asText()).contains(why).doesNotContain("\n");
    }

    private static SourceTar shell(String script) {
        return new SourceTar().file("handler.sh", script + "\n");
    }

    private static SourceTar handler(String language) throws IOException {
        return SourceTar.of(HANDLERS.resolve(language));
    }

    private static void requireTools(String language) {
        for (String program : switch (language) {
            case "python" -> List.of("python3");
            case "java" -> List.of("java", "javac");
            case "shell" -> List.of("sh");
            default -> List.of(language);
        }) {
            boolean there = Stream.of(System.getenv("PATH").split(":"))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
            // Compilers are not among what verify installs.
            assumeTrue(there || !COMPILED.contains(language), "SKIPPED: there is no " + program + " on the PATH");
            Requirement.that(there, program + " runs functions of the language " + language);
        }
    }
}
