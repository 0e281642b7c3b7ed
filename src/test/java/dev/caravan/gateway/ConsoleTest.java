package dev.caravan.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** At the beginning of a line, or a call: comments of libraries tell of imports, too. */
    private static final Pattern IMPORTS =
            Pattern.compile("(?m)^(?:import\\s*|(?:import|export)\\s[^'\"();=]*?\\sfrom\\s*|.*\\bimport\\()"
                    + "['\"]([^'\"\\s]+)['\"]");

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
        Map<String, String> names = importMap();
        Deque<URI> left = new ArrayDeque<>(List.of(URI.create("/ui/app.js")));
        Set<URI> seen = new HashSet<>(left);
        while (!left.isEmpty()) {
            URI file = left.remove();
            HttpResponse<byte[]> script = get(file.getPath());
            assertThat(script.statusCode()).as("%s", file).isEqualTo(200);
            IMPORTS.matcher(new String(script.body(), UTF_8)).results().forEach(imported -> {
                URI wanted = resolve(file, imported.group(1), names);
                if (seen.add(wanted)) {
                    left.add(wanted);
                }
            });
        }
        try (Stream<Path> files = Files.walk(SOURCES)) {
            assertThat(files.filter(file -> file.toString().endsWith(".js"))
                            .map(file -> URI.create("/ui/" + SOURCES.relativize(file))))
                    .as("scripts that nothing imports")
                    .allMatch(seen::contains);
        }
    }

    /** HTML standard, section 8.1.6.2: by its whole name, or by the longest beginning that ends in a slash. */
    private static URI resolve(URI file, String name, Map<String, String> names) {
        if (name.startsWith(".")) {
            return file.resolve(name);
        }
        return names.keySet().stream()
                .filter(key -> name.equals(key) || key.endsWith("/") && name.startsWith(key))
                .max(Comparator.comparing(String::length))
                .map(key -> URI.create("/ui/").resolve(names.get(key) + name.substring(key.length())))
                .orElseThrow(
                        () -> new AssertionError(file + " imports " + name + ", which the import map does not have"));
    }

    private Map<String, String> importMap() throws Exception {
        String page = new String(get("/ui/").body(), UTF_8);
        String map = page.substring(page.indexOf('{'), page.indexOf("</script>"));
        Map<String, String> names = new HashMap<>();
        new ObjectMapper()
                .readTree(map)
                .get("imports")
                .properties()
                .forEach(entry -> names.put(entry.getKey(), entry.getValue().textValue()));
        return names;
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
