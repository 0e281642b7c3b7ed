package dev.caravan.provider.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.Usage;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.FunctionProviderContract;
import dev.caravan.provider.LogQuery;
import dev.caravan.testing.Deployments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract once more, with functions that are servers themselves. */
class HttpProcessProviderTest extends FunctionProviderContract {

    private static final String SERVER = """
            import base64, os, time
            from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
            class Handler(BaseHTTPRequestHandler):
                def do_GET(self):
                    time.sleep(0.02)
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(answer())
            def answer():
                if "SECRETS_PATH" not in os.environ:
                    return os.environ["text"].encode()
                with open(os.environ["SECRETS_PATH"] + "/" + os.environ["text"], "rb") as secret:
                    return base64.b64encode(secret.read())
            class Server(ThreadingHTTPServer):
                request_queue_size = 100
            Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
            """;

    @TempDir
    Path data;

    @TempDir
    Path folder;

    private ProcessProvider provider;

    @BeforeEach
    void start() throws IOException {
        TestTools.require("python3");
        Files.writeString(folder.resolve("server.py"), SERVER);
        provider = new ProcessProvider(data, folder, "test", InstantSource.system());
        provider.start();
    }

    @AfterEach
    void stop() {
        if (provider != null) {
            provider.close();
        }
    }

    @Override
    protected FunctionProvider provider() {
        return provider;
    }

    @Override
    protected FunctionProvider restart() throws IOException {
        stop();
        start();
        return provider;
    }

    @Override
    protected Duration patience() {
        return Duration.ofSeconds(30); // each replica starts an interpreter
    }

    @Override
    protected FunctionDeployment answering(String name, String namespace, String text) {
        return running(name, namespace, "python3 -u server.py", text);
    }

    @Override
    protected FunctionDeployment revealing(String name, String namespace, String secret) {
        return Deployments.asking(answering(name, namespace, secret), List.of(secret));
    }

    @Test
    void whatItsProcessesTakeIsToldOfAllReplicasTogether() {
        Assumptions.assumeTrue(Files.isDirectory(ProcStat.PROC.resolve("self")), "there is no /proc");
        provider.deploy(answering("busy", NAMESPACE, "hello"));
        awaitReady("busy", 1);
        FunctionName busy = name("busy");

        Usage one = usage(busy);
        assertThat(one.cpuMillicores()).as("it has started an interpreter").isPositive();
        assertThat(one.memoryBytes()).isGreaterThan(1_000_000);

        provider.scale(busy, 2);
        awaitReady("busy", 2);
        assertThat(usage(busy).memoryBytes()).isGreaterThan(one.memoryBytes() * 3 / 2);

        provider.scale(busy, 0);
        await().atMost(patience()).until(() -> usage(busy).memoryBytes() == 0);
        assertThat(provider.usage(List.of(name("nobody")))).isEmpty();
    }

    private Usage usage(FunctionName function) {
        return Optional.ofNullable(provider.usage(List.of(function)).get(function))
                .orElseThrow();
    }

    @Test
    void anUpdateThatNeverBecomesReadyLeavesTheOldOneServing() throws Exception {
        provider.deploy(answering("careful", NAMESPACE, "old"));
        awaitReady("careful", 1);

        provider.update(running("careful", NAMESPACE, "false", "new"));

        await().atMost(patience())
                .until(() -> logs("careful", LogQuery.ALL).stream()
                        .anyMatch(line -> line.text().equals("starts again in 200 ms")));
        assertThat(call("careful").body()).isEqualTo("old");
        provider.update(answering("careful", NAMESPACE, "newer"));
        await().atMost(patience()).until(() -> call("careful").body().equals("newer"));
    }

    @Test
    void whatKeepsAReplicaFromGettingReadyIsSaid() {
        provider.deploy(running("brief", NAMESPACE, "false", "x"));
        provider.deploy(running("deaf", NAMESPACE, "sleep 1000", "x"));
        provider.deploy(running("nowhere", NAMESPACE, "no-such-command", "x"));

        await().atMost(patience()).untilAsserted(() -> {
            assertThat(provider.obstacle(name("brief"))).contains("its process ended by itself, exit status 1");
            assertThat(provider.obstacle(name("deaf")).orElse("")).contains("does not listen on 127.0.0.1:");
            assertThat(provider.obstacle(name("nowhere")).orElse("")).contains("no-such-command");
        });
    }

    @Test
    void aReplicaThatIsReadyHasNoObstacle() {
        provider.deploy(answering("fine", NAMESPACE, "x"));
        awaitReady("fine", 1);

        assertThat(provider.obstacle(name("fine"))).isEmpty();
        assertThat(provider.obstacle(name("nobody"))).isEmpty();
    }

    private static FunctionDeployment running(String name, String namespace, String command, String text) {
        return Deployments.running(name, namespace, command, Map.of("mode", "http", "text", text));
    }
}
