package dev.caravan.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The console's files as a browser fetches them. */
class ConsoleTest {

    private static final Path SOURCES = Path.of("src/main/resources/console");
    private static final int LARGEST_FIRST_PAGE = 300 * 1024;

    @SuppressWarnings("NullAway") // made before all tests
    private static TestGateway gateway;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        gateway = new TestGateway();
        gateway.camel.getRegistry().bind("console", new Console());
        gateway.load("show-console");
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/ui/,                                        text/html; charset=utf-8",
        "/ui/index.html,                              text/html; charset=utf-8",
        "/ui/console.css,                             text/css; charset=utf-8",
        "/ui/icon.svg,                                image/svg+xml",
        "/ui/app.js,                                  text/javascript; charset=utf-8",
        "/ui/pages/dead-letters.js,                   text/javascript; charset=utf-8",
        "/ui/lib/lit/index.js,                        text/javascript; charset=utf-8",
        "/ui/lib/lit/directives/repeat.js,            text/javascript; charset=utf-8",
        "/ui/lib/reactive-element/reactive-element.js, text/javascript; charset=utf-8"
    })
    void everyFileIsOfItsTypeAndUnderThePagesPolicy(String path, String type) throws Exception {
        HttpResponse<byte[]> answer = get(path);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo(type);
        assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(answer, "Cache-Control")).isEqualTo("no-cache");
        assertThat(header(answer, "Content-Security-Policy"))
                .startsWith("default-src 'none'; script-src 'self' 'sha256-")
                .contains("frame-ancestors 'none'", "require-trusted-types-for 'script'")
                .doesNotContain("unsafe");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ui",
                "/ui/nothing.js",
                "/ui/../openapi.yaml",
                "/ui/lib/../app.js",
                "/ui/%2e%2e/openapi.yaml",
                "/ui/..%2fopenapi.yaml",
                "/ui//app.js",
                "/ui/app.js/",
                "/ui/APP.js",
                "/ui/lib/lit",
                "/ui/lib/lit/package.json",
                "/ui/lib/nobody/index.js",
                "/ui/lib/lit-html/../../../../../sql/x.js",
                "/ui/.hidden.js"
            })
    void whatIsNoFileOfItIsNotFound(String path) throws Exception {
        HttpMessage answer = RawClient.get(gateway.port(), path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo("404 page not found\n");
    }

    @Test
    void aBrowserThatHasAFileIsOnlyToldSo() throws Exception {
        String tag = header(get("/ui/app.js"), "ETag");

        HttpMessage same = RawClient.get(gateway.port(), "/ui/app.js", "If-None-Match: \"x\", " + tag);
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.value("etag")).isEqualTo(tag);
        assertThat(same.value("content-type")).isNull();
        assertThat(get("/ui/app.js", "If-None-Match", "W/\"another\"").statusCode())
                .isEqualTo(200);
        assertThat(header(get("/ui/console.css"), "ETag")).isNotEqualTo(tag);
    }

    @Test
    void whoTakesItCompressedGetsItSo() throws Exception {
        HttpResponse<byte[]> plain = get("/ui/app.js");
        HttpResponse<byte[]> small = get("/ui/app.js", "Accept-Encoding", "br, gzip;q=0.8");

        assertThat(header(plain, "Content-Encoding")).isEmpty();
        assertThat(header(small, "Content-Encoding")).isEqualTo("gzip");
        assertThat(header(small, "Vary")).isEqualTo("Accept-Encoding");
        assertThat(small.body().length).isLessThan(plain.body().length / 2);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(small.body())).readAllBytes())
                .isEqualTo(plain.body());
        assertThat(header(get("/ui/app.js", "Accept-Encoding", "gzip;q=0"), "Content-Encoding"))
                .isEmpty();
    }

    @Test
    void theOnlyScriptInThePageIsItsImportMapWhichIsKnownByItsHash() throws Exception {
        HttpResponse<byte[]> page = get("/ui/");
        String html = new String(page.body(), UTF_8);
        Matcher inline = Pattern.compile("<script(?![^>]*src=)[^>]*>(.*?)</script>", Pattern.DOTALL)
                .matcher(html);

        assertThat(inline.find()).isTrue();
        byte[] hash =
                MessageDigest.getInstance("SHA-256").digest(inline.group(1).getBytes(UTF_8));
        assertThat(inline.find()).as("a second one").isFalse();
        assertThat(header(page, "Content-Security-Policy"))
                .contains("'sha256-" + Base64.getEncoder().encodeToString(hash) + "'");
        assertThat(html).doesNotContain("style=", "onclick", "http://", "https://");
    }

    /** What a file imports is there, from the page to the last library: nothing comes from elsewhere. */
    @Test
    void everythingThatIsImportedIsThere() throws Exception {
        List<Path> files;
        try (Stream<Path> found = Files.walk(SOURCES)) {
            files = found.filter(file -> file.toString().endsWith(".js")).toList();
        }
        for (Path file : files) {
            Matcher imports = Pattern.compile("(?<![\\w/'])(?:from|import)\\s*\\(?\\s*'([^']+)'")
                    .matcher(Files.readString(file));
            while (imports.find()) {
                String name = imports.group(1);
                Path beside = SOURCES.relativize(file).resolveSibling(name).normalize();
                String path = name.startsWith(".")
                        ? "/ui/" + beside
                        : "/ui/lib/" + (name.equals("lit") ? "lit/index.js" : name);
                assertThat(get(path).statusCode()).as(file + " imports " + name).isEqualTo(200);
            }
        }
        assertThat(files).hasSizeGreaterThan(20);
    }

    @Test
    void allOfItIsSmall() throws Exception {
        int sum = get("/ui/", "Accept-Encoding", "gzip").body().length;
        try (Stream<Path> found = Files.walk(SOURCES)) {
            for (Path file : found.filter(Files::isRegularFile).toList()) {
                sum += get("/ui/" + SOURCES.relativize(file), "Accept-Encoding", "gzip")
                        .body()
                        .length;
            }
        }
        for (String library : List.of(
                "lit/index.js",
                "lit-html/lit-html.js",
                "lit-element/lit-element.js",
                "reactive-element/reactive-element.js",
                "lit-html/static.js")) {
            sum += get("/ui/lib/" + library, "Accept-Encoding", "gzip").body().length;
        }

        assertThat(sum).as("bytes of all pages together").isLessThan(LARGEST_FIRST_PAGE / 3);
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }
}
