package dev.caravan.testing;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.AuthConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * A real registry of images on a loopback port, where engines need no TLS; from Debian's package. It gives and takes
 * nothing without {@link #PASSWORD}.
 */
public final class ImageRegistry implements AutoCloseable {

    public static final String PASSWORD = "s3cret-of-a-test";

    private static final String USER = "caravan";

    /** Of {@link #PASSWORD}, by bcrypt, which is all that a registry takes. */
    private static final String HASH = "$2b$05$a3wpno1CHmlDFiouGdSBHOxPnrrkxoFYX8GDu5IZCgGeTpeNE2dz2";

    private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");

    private final String host;
    private final Process process;

    private ImageRegistry(String host, Process process) {
        this.host = host;
        this.process = process;
    }

    /**
     * Skips the test where there is no registry; fails it when {@code VERIFY_REQUIRE_ALL=true}.
     *
     * @param folder for its files
     */
    public static ImageRegistry start(Path folder) throws IOException {
        Requirement.that(
                Files.isExecutable(PROGRAM),
                "SKIPPED: no docker-registry, so nothing was pulled from one; Debian's package is docker-registry");
        Files.createDirectories(folder);
        Path users = Files.writeString(folder.resolve("users"), USER + ":" + HASH + "\n");
        String host = "127.0.0.1:" + CaravanProcess.freePort();
        Path configuration =
                Files.writeString(folder.resolve("registry.yml"), """
                version: 0.1
                storage: {filesystem: {rootdirectory: %s}}
                http: {addr: "%s"}
                auth: {htpasswd: {realm: test, path: %s}}
                """.formatted(folder.resolve("images"), host, users));
        Process process = new ProcessBuilder(PROGRAM.toString(), "serve", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        var registry = new ImageRegistry(host, process);
        Runtime.getRuntime().addShutdownHook(new Thread(registry::close));
        await("the registry asks who it is")
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(registry::asksWhoItIs);
        return registry;
    }

    private boolean asksWhoItIs() throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(URI.create("http://" + host + "/v2/")).build();
        return HttpClient.newHttpClient()
                        .send(request, BodyHandlers.discarding())
                        .statusCode()
                == 401;
    }

    /** The name of an image of its own, as everybody has to call it. */
    public String image(String name) {
        return host + "/" + name;
    }

    /** Takes an image from an engine, which then has it by its old name alone. @param name with a tag */
    public void take(PrivateEngine engine, String image, String name) throws InterruptedException {
        String tag = name.substring(name.lastIndexOf(':') + 1);
        String repository = image(name.substring(0, name.lastIndexOf(':')));
        var client = engine.client();
        client.tagImageCmd(image, repository, tag).exec();
        client.pushImageCmd(image(name))
                .withAuthConfig(new AuthConfig()
                        .withRegistryAddress(host)
                        .withUsername(USER)
                        .withPassword(PASSWORD))
                .start()
                .awaitCompletion(60, TimeUnit.SECONDS);
        client.removeImageCmd(image(name)).exec();
    }

    /** A folder such as Docker's own configuration has ({@code DOCKER_CONFIG}), with a password for this registry. */
    public Path signedIn(Path folder, String password) throws IOException {
        String credentials =
                Base64.getEncoder().encodeToString((USER + ":" + password).getBytes(StandardCharsets.UTF_8));
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("config.json"),
                "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(host, credentials));
        return folder;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
