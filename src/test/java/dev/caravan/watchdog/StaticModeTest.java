package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.HttpMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticModeTest {

    @TempDir
    Path folder;

    private Path files;

    @BeforeEach
    void makeFiles() throws IOException {
        files = Files.createDirectories(folder.resolve("public"));
        Files.createDirectories(files.resolve("sub"));
        Files.createDirectories(files.resolve("bare"));
        Files.writeString(files.resolve("index.html"), "<p>home");
        Files.writeString(files.resolve("sub/index.html"), "<p>sub");
        Files.writeString(files.resolve("a b.txt"), "0123456789");
        Files.writeString(folder.resolve("secret"), "hidden");
        Files.createSymbolicLink(files.resolve("way-out"), folder.resolve("secret"));
    }

    @ParameterizedTest
    @CsvSource({
        "/, 200, text/html; charset=utf-8, <p>home",
        "/sub/, 200, text/html; charset=utf-8, <p>sub",
        "/a%20b.txt?x=y, 200, text/plain; charset=utf-8, 0123456789"
    })
    void aPathIsAFile(String target, int status, String type, String body) throws Exception {
        try (var watchdog = serve()) {
            HttpMessage answer = watchdog.get(target);

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.value("Content-Type")).isEqualTo(type);
            assertThat(answer.body()).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/missing",
                "/../secret",
                "/%2e%2e/secret",
                "/sub/..%2f..%2fsecret",
                "//etc/passwd",
                "/way-out",
                "/bare/",
                "/%00"
            })
    void whatIsNotThereOrOutsideIsNotFound(String target) throws Exception {
        try (var watchdog = serve()) {
            HttpMessage answer = watchdog.get(target);

            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.body()).isEqualTo("404 page not found\n");
        }
    }

    @Test
    void aFolderIsAskedForWithASlash() throws Exception {
        try (var watchdog = serve()) {
            HttpMessage answer = watchdog.get("/sub");

            assertThat(answer.status()).isEqualTo(301);
            assertThat(answer.value("Location")).isEqualTo("sub/");
        }
    }

    @Test
    void whoHasTheFileIsToldSo() throws Exception {
        try (var watchdog = serve()) {
            String changed = watchdog.get("/a%20b.txt").value("Last-Modified");

            assertThat(changed).matches("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT");
            assertThat(watchdog.get("/a%20b.txt", "If-Modified-Since: " + changed)
                            .status())
                    .isEqualTo(304);
            assertThat(watchdog.get("/a%20b.txt", "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT")
                            .status())
                    .isEqualTo(200);
            assertThat(watchdog.get("/a%20b.txt", "If-Modified-Since: yesterday")
                            .status())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=2-4, 206, 234, bytes 2-4/10",
        "bytes=8-, 206, 89, bytes 8-9/10",
        "bytes=-3, 206, 789, bytes 7-9/10",
        "bytes=4-99, 206, 456789, bytes 4-9/10",
        "'bytes=0-1,3-4', 200, 0123456789,",
        "lines=1-2, 200, 0123456789,",
        "bytes=-, 200, 0123456789,"
    })
    void aPartCanBeAskedFor(String range, int status, String body, String part) throws Exception {
        try (var watchdog = serve()) {
            HttpMessage answer = watchdog.get("/a%20b.txt", "Range: " + range);

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.body()).isEqualTo(body);
            assertThat(answer.value("Content-Range")).isEqualTo(part);
        }
    }

    @Test
    void aPartThatIsNotThereCannotBeHad() throws Exception {
        try (var watchdog = serve()) {
            HttpMessage answer = watchdog.get("/a%20b.txt", "Range: bytes=10-");

            assertThat(answer.status()).isEqualTo(416);
            assertThat(answer.value("Content-Range")).isEqualTo("bytes */10");
        }
    }

    @Test
    void filesAreOnlyRead() throws Exception {
        try (var watchdog = serve();
                var client = watchdog.client()) {
            for (String method : List.of("POST", "PUT", "DELETE")) {
                client.send(method + " / HTTP/1.1\nHost: x\nContent-Length: 0", "");
                assertThat(client.answer().status()).isEqualTo(405);
            }
            client.send("HEAD / HTTP/1.1\nHost: x", "");
            HttpMessage head = HttpMessage.head(client.in());

            assertThat(head.status()).isEqualTo(200);
            assertThat(head.value("Content-Length")).isEqualTo("7");
        }
    }

    private WatchdogFixture serve() throws IOException {
        return new WatchdogFixture(folder, "static", "", "static_path", files.toString());
    }
}
