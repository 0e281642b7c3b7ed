package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.contract.FaasCli.Result;
import dev.caravan.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The official client itself against the running server; skipped where it is neither installed nor could be built. */
class FaasCliIT {

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @TempDir
    Path home;

    private FaasCli cli;
    private String name;

    @BeforeEach
    void login() throws Exception {
        Optional<Path> program = FaasCli.find();
        assumeTrue(program.isPresent(), "SKIPPED: no faas-cli on the PATH and none that ./caravan verify could build");
        cli = new FaasCli(program.orElseThrow(), home, server);
        name = TestServer.freshName("cli");
        assertThat(cli.run(server.password(), new String[] {"login", "--username", "admin", "--password-stdin"}))
                .contains("saved");
    }

    private void deploy() throws Exception {
        assertThat(cli.run("deploy", "--name", name, "--image", name + ":1", "--fprocess", "cat"))
                .contains("Deployed. 202");
        cli.run("ready", name);
    }

    @Test
    void aWrongPasswordIsNoLogin() throws Exception {
        assertThat(cli.result("wrong", "login", "--username", "admin", "--password-stdin")
                        .code())
                .isNotZero();
    }

    @Test
    void deploysFromAStackFile() throws Exception {
        Files.writeString(home.resolve("stack.yaml"), """
                version: 1.0
                provider:
                  name: openfaas
                functions:
                  %s:
                    lang: dockerfile
                    handler: ./x
                    image: x:1
                    fprocess: cat
                    labels:
                      team: blue
                """.formatted(name));

        assertThat(cli.run("deploy", "-f", "stack.yaml")).contains("Deployed. 202");
        assertThat(cli.run("deploy", "-f", "stack.yaml")).contains("Deployed. 202");

        assertThat(server.system("/system/function/" + name)
                        .json()
                        .at("/labels/team")
                        .asText())
                .isEqualTo("blue");
    }

    @Test
    void deploysListsDescribesCallsScalesAndRemoves() throws Exception {
        deploy();

        assertThat(cli.run("list")).contains(name);
        assertThat(cli.run("describe", name)).contains("Ready").contains(name);
        assertThat(cli.run("hello", new String[] {"invoke", name})).contains("hello");
        assertThat(cli.run("hello", new String[] {"invoke", name, "--async"})).contains("submitted asynchronously");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(server.invocations(name, 200)).isEqualTo(2));
        server.scale(name, 2);
        await().untilAsserted(() -> assertThat(server.system("/system/function/" + name)
                        .json()
                        .path("availableReplicas")
                        .asInt())
                .isEqualTo(2));
        cli.run("remove", name);
        Result again = cli.result("", "remove", name);
        assertThat(again.code()).isNotZero();
        assertThat(server.system("/system/function/" + name).status()).isEqualTo(404);
    }

    @Test
    void readsTheLog() throws Exception {
        deploy();
        server.post("/function/" + name, "hello");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(cli.run("logs", name, "--follow=false")).contains("Wrote 5 Bytes"));
    }

    @Test
    void createsListsUpdatesAndRemovesSecrets() throws Exception {
        cli.run("secret", "create", name, "--from-literal", "s3cret");
        assertThat(cli.run("secret", "list")).contains(name);
        cli.run("secret", "update", name, "--from-literal", "other");
        cli.run("secret", "remove", name);
        assertThat(cli.run("secret", "list")).doesNotContain(name);
    }

    @Test
    void listsNamespaces() throws Exception {
        assertThat(cli.run("namespaces")).contains("openfaas-fn");
    }

    @Test
    void asksForReadinessAndVersions() throws Exception {
        cli.run("ready");
        assertThat(cli.run("version", "--warn-update=false")).contains("caravan-process");
    }
}
