package dev.caravan.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Caravan that is asked, by {@code CARAVAN_URL}, {@code CARAVAN_USER} and {@code CARAVAN_PASSWORD_FILE}. Without them
 * the one of this folder, as its admin, whose password lies in the secrets folder. A password is never an argument: those
 * can be seen by everybody on the machine.
 */
final class Server {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    private final String url;
    private final @Nullable String authorization;

    /** What the server said, when it was no good; one line. */
    static final class RefusedException extends IOException {

        private static final long serialVersionUID = 1L;

        RefusedException(String line) {
            super(line);
        }
    }

    private Server(String url, @Nullable String authorization) {
        this.url = url;
        this.authorization = authorization;
    }

    /** @throws UsageException when the environment makes no sense */
    static Server of(Map<String, String> environment) throws IOException {
        String port = environment.getOrDefault("CARAVAN_PORT", "8080");
        String url = environment.getOrDefault("CARAVAN_URL", "http://127.0.0.1:" + port);
        if (!url.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?")) {
            throw new UsageException("CARAVAN_URL must be as http://127.0.0.1:8080, not \"" + url + "\"");
        }
        Path secrets = Path.of(environment.getOrDefault(
                "CARAVAN_SECRETS", environment.getOrDefault("CARAVAN_DATA", "./data") + "/secrets"));
        String passwordFile = environment.get("CARAVAN_PASSWORD_FILE");
        Path file = passwordFile == null ? secrets.resolve("basic-auth-password") : Path.of(passwordFile);
        if (!Files.isReadable(file)) {
            if (passwordFile != null) {
                throw new UsageException("CARAVAN_PASSWORD_FILE cannot be read: " + passwordFile);
            }
            return new Server(url.replaceAll("/+$", ""), null);
        }
        String user = environment.get("CARAVAN_USER");
        if (user == null) {
            Path names = secrets.resolve("basic-auth-user");
            user = Files.isReadable(names) ? Files.readString(names).strip() : "admin";
        }
        String credentials = user + ":" + Files.readString(file).strip();
        return new Server(
                url.replaceAll("/+$", ""),
                "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Asks, and gives the answer as it comes.
     *
     * @param target path and query
     * @throws RefusedException with the server's line, when its status is no success
     * @throws IOException in words for a person, when it does not answer
     */
    HttpResponse<InputStream> send(String method, String target, byte[] body, @Nullable String reason)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + target))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        if (reason != null) {
            request.header("X-Reason", Ask.encoded(reason));
        }
        if (body.length > 0) {
            request.header("Content-Type", body[0] == '{' ? "application/json" : "application/octet-stream");
        }
        HttpResponse<InputStream> answer;
        try {
            answer = client.send(request.build(), BodyHandlers.ofInputStream());
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new IOException("no answer from " + url + ": " + why, e);
        }
        if (answer.statusCode() < 200 || answer.statusCode() > 299) {
            throw new RefusedException(line(answer));
        }
        return answer;
    }

    JsonNode json(String method, String target, byte[] body, @Nullable String reason)
            throws IOException, InterruptedException {
        try (InputStream answer = send(method, target, body, reason).body()) {
            return read(answer.readAllBytes());
        }
    }

    /** An answer without a body is an empty object. */
    static JsonNode read(byte[] answer) throws IOException {
        return answer.length == 0 ? JSON.createObjectNode() : JSON.readTree(answer);
    }

    private static String line(HttpResponse<InputStream> answer) throws IOException {
        try (InputStream body = answer.body()) {
            String text = new String(body.readNBytes(64 * 1024), StandardCharsets.UTF_8);
            String detail = detail(text);
            String line = detail.isEmpty() ? text.lines().findFirst().orElse("") : detail;
            return line.isBlank() ? "the server answered " + answer.statusCode() : Printer.clean(line);
        }
    }

    /** Of {@code application/problem+json} (RFC 9457). */
    private static String detail(String text) {
        try {
            return text.startsWith("{") ? JSON.readTree(text).path("detail").asText("") : "";
        } catch (JsonProcessingException e) {
            return "";
        }
    }
}
