package dev.caravan.provider.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.SecretName;
import dev.caravan.provider.ProviderException;
import dev.caravan.testing.Deployments;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How secrets reach functions that are processes: as files, and at the path that images know. */
class ProcessSecretsTest {

    private static final String NAMESPACE = "openfaas-fn";
    private static final SecretName KEY = new SecretName("api-key", NAMESPACE);
    private static final FunctionName READER = new FunctionName("reader", NAMESPACE);

    @TempDir
    Path data;

    @TempDir
    Path folder;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ProcessProvider provider;

    @BeforeEach
    void start() {
        provider = new ProcessProvider(data, folder, "test", InstantSource.system());
        provider.start();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void onlyTheOwnerMayReadWhatIsKeptAndWhatIsHandedOut() throws Exception {
        provider.secrets().create(KEY, bytes("s3cret"));
        provider.deploy(classic("stat -c %a $SECRETS_PATH $SECRETS_PATH/api-key"));

        assertThat(call().lines()).containsExactly("700", "400");
        assertThat(mode(data.resolve("secrets/functions/openfaas-fn/api-key"))).isEqualTo("r--------");
        assertThat(mode(data.resolve("secrets/functions/openfaas-fn"))).isEqualTo("rwx------");
        assertThat(mode(data.resolve("secrets/functions"))).isEqualTo("rwx------");
        assertThat(mode(data.resolve("replicas"))).isEqualTo("rwx------");
    }

    @Test
    void aReplicaThatRunsIsGivenANewValue() throws Exception {
        provider.secrets().create(KEY, bytes("old"));
        provider.deploy(classic("cat $SECRETS_PATH/api-key"));
        URI replica = provider.replicas(READER).orElseThrow().get(0);
        assertThat(call()).isEqualTo("old");

        provider.secrets().replace(KEY, bytes("new"));

        assertThat(call()).isEqualTo("new");
        assertThat(provider.replicas(READER)).hasValue(List.of(replica));
    }

    @Test
    void nothingOfASecretIsLeftWhenItsReplicaHasEnded() throws Exception {
        provider.secrets().create(KEY, bytes("s3cret"));
        provider.deploy(classic("cat $SECRETS_PATH/api-key"));
        assertThat(copies()).hasSize(1);

        provider.scale(READER, 0);

        await().atMost(Duration.ofSeconds(20)).until(() -> copies().isEmpty());
        provider.scale(READER, 2);
        assertThat(copies()).hasSize(2);
        provider.close();
        assertThat(copies()).isEmpty();
        assertThat(holders()).isEmpty();
    }

    @Test
    void whatAKilledRunLeftBehindIsRemovedAtTheNextStart() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Path left = data.resolve("replicas/" + dead.pid() + ".1/reader-1/secrets/api-key");
        Files.createDirectories(left.getParent());
        Files.writeString(left, "s3cret");
        Path half = data.resolve("secrets/functions/openfaas-fn/.1234.tmp");
        Files.createDirectories(half.getParent());
        Files.writeString(half, "s3cr");
        stop();

        start();

        assertThat(copies()).isEmpty();
        assertThat(half).doesNotExist();
    }

    @Test
    void aFunctionWithoutSecretsIsLeftAlone() throws Exception {
        provider.deploy(deployment("env; readlink /proc/self/ns/mnt", Map.of(), List.of()));

        String seen = call();

        assertThat(seen).doesNotContain("SECRETS_PATH").contains(ourMountNamespace());
    }

    @Test
    void aFileThatIsPutThereByHandIsASecret() throws Exception {
        Path byHand = data.resolve("secrets/functions/openfaas-fn/by-hand");
        Files.createDirectories(byHand.getParent());
        Files.writeString(byHand, "typed");

        assertThat(provider.secrets().list(NAMESPACE)).containsExactly("by-hand");
        provider.deploy(deployment("cat $SECRETS_PATH/by-hand", Map.of(), List.of("by-hand")));
        assertThat(call()).isEqualTo("typed");
    }

    @Test
    void functionsOfAnEarlierVersionBringTheirNamespaceWithThem() throws Exception {
        Path old = data.resolve("functions/legacy/reader.json");
        Files.createDirectories(old.getParent());
        Files.writeString(old, """
                {"deployment":{"service":"reader","image":"x","namespace":"legacy","envProcess":"cat","envVars":{},
                 "constraints":[],"secrets":[],"labels":{},"annotations":{},"readOnlyRootFilesystem":false},
                 "replicas":1,"createdAt":"2026-03-04T05:06:07Z"}""");
        stop();

        start();

        assertThat(provider.namespaces().get("legacy")).isPresent();
        assertThat(provider.list("legacy")).hasSize(1);
        stop();
        Files.delete(old);
        start();
        assertThat(provider.namespaces().get("legacy"))
                .as("it was made for good")
                .isPresent();
    }

    @Test
    void aDefaultNamespaceThatCannotBeStopsTheStartInOneLine() {
        try (var wrong = new ProcessProvider(
                data, folder, data.resolve("secrets"), "kube-system", "test", InstantSource.system())) {
            assertThatThrownBy(wrong::start)
                    .isInstanceOf(ProviderException.class)
                    .hasMessage("the default namespace \"kube-system\" is not for functions; choose another");
        }
    }

    @Test
    void aNamespaceWhoseFileIsBrokenIsThereWithoutLabels() throws Exception {
        Files.createDirectories(data.resolve("namespaces"));
        Files.writeString(data.resolve("namespaces/broken.json"), "{\"labels\":");
        Files.writeString(data.resolve("namespaces/Not A Name.json"), "{}");
        stop();

        start();

        assertThat(provider.namespaces().get("broken").orElseThrow().labels()).isEmpty();
        assertThat(provider.namespaces().list()).hasSize(2);
    }

    @Test
    void imagesFindTheirSecretsWhereTheyLookForThem() throws Exception {
        MountNamespaceTest.requireMounts();
        provider.secrets().create(KEY, bytes("mounted"));
        provider.deploy(classic("pwd; cat /var/openfaas/secrets/api-key"));

        assertThat(call().lines()).containsExactly(folder.toRealPath().toString(), "mounted");
        provider.secrets().replace(KEY, bytes("turned"));
        assertThat(call().lines()).endsWith("turned");
    }

    @Test
    void aServerFindsThemToo() throws Exception {
        MountNamespaceTest.requireMounts();
        TestTools.require("python3");
        provider.secrets().create(KEY, bytes("mounted"));
        Files.writeString(folder.resolve("server.py"), """
                import os
                from http.server import BaseHTTPRequestHandler, HTTPServer
                class Handler(BaseHTTPRequestHandler):
                    def do_GET(self):
                        self.send_response(200)
                        self.end_headers()
                        with open("/var/openfaas/secrets/api-key", "rb") as secret:
                            self.wfile.write(secret.read())
                HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
                """);
        provider.deploy(running("python3 server.py", Map.of("mode", "http"), List.of("api-key")));

        await().atMost(Duration.ofSeconds(30))
                .until(() -> !provider.replicas(READER).orElseThrow().isEmpty());
        assertThat(call()).isEqualTo("mounted");
    }

    @Test
    void aReplicaWhoseHolderWasEndedGetsAnother() throws Exception {
        MountNamespaceTest.requireMounts();
        provider.secrets().create(KEY, bytes("mounted"));
        provider.deploy(classic("cat /var/openfaas/secrets/api-key"));
        assertThat(call()).isEqualTo("mounted");
        ProcessHandle before = theHolder();

        before.destroyForcibly();
        before.onExit().join();

        assertThat(call()).isEqualTo("mounted");
        assertThat(theHolder()).isNotEqualTo(before);
    }

    @Test
    void theHolderEndsWithItsReplica() throws Exception {
        MountNamespaceTest.requireMounts();
        provider.secrets().create(KEY, bytes("mounted"));
        provider.deploy(classic("cat /var/openfaas/secrets/api-key"));
        theHolder();

        provider.delete(READER);

        await().atMost(Duration.ofSeconds(20)).until(() -> holders().isEmpty());
    }

    private FunctionDeployment classic(String script) throws IOException {
        return deployment(script, Map.of(), List.of("api-key"));
    }

    private FunctionDeployment deployment(String script, Map<String, String> environment, List<String> secrets)
            throws IOException {
        Files.writeString(folder.resolve("run.sh"), script + "\n");
        return running("sh run.sh", environment, secrets);
    }

    private static FunctionDeployment running(String command, Map<String, String> environment, List<String> secrets) {
        return Deployments.asking(Deployments.running(READER.name(), NAMESPACE, command, environment), secrets);
    }

    private String call() throws IOException, InterruptedException {
        URI replica = provider.replicas(READER).orElseThrow().get(0);
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(replica).timeout(Duration.ofSeconds(60)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    /** The copies of secrets that replicas have. */
    private List<Path> copies() throws IOException {
        Path replicas = data.resolve("replicas");
        if (!Files.isDirectory(replicas)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(replicas)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** It says that it is ready as a shell, just before it becomes what {@link #holders} looks for. */
    private static ProcessHandle theHolder() {
        return await().atMost(Duration.ofSeconds(20))
                .until(ProcessSecretsTest::holders, all -> all.size() == 1)
                .get(0);
    }

    /** Processes of ours that are in a mount namespace other than ours, and no function's. */
    private static List<ProcessHandle> holders() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").endsWith("/cat"))
                .toList();
    }

    private static String ourMountNamespace() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString();
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
