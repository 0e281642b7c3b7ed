package dev.caravan.testing;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A Caravan that runs elsewhere, as in a container, asked over HTTP as the user {@code admin}. */
public final class RemoteCaravan {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;
    private final String password;

    /** @param url without a path */
    public RemoteCaravan(String url, String password) {
        this.url = url;
        this.password = password;
    }

    /** @param body posted when there is one @param headers names and values in turns */
    public HttpResponse<String> send(String path, @Nullable String body, String... headers) {
        byte[] credentials = ("admin:" + password).getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return http.send(
                    (body == null ? request.GET() : request.POST(BodyPublishers.ofString(body))).build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    public JsonNode json(String path) {
        HttpResponse<String> answer = expect(200, send(path, null));
        try {
            return new ObjectMapper().readTree(answer.body());
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + answer.body(), e);
        }
    }

    public void deploy(String deployment) {
        expect(202, send("/system/functions", deployment));
    }

    /** @return what the function answered, once it does */
    public String awaitAnswer(String function, String body) {
        return await().atMost(PATIENCE)
                .until(() -> send("/function/" + function, body), answer -> answer.statusCode() == 200)
                .body();
    }

    /** How many replicas a function is to have. */
    public int replicas(String function) {
        return json("/system/function/" + function).path("replicas").asInt();
    }

    /** @return its call id */
    public String callAsync(String function, String body, String... headers) {
        return expect(202, send("/async-function/" + function, body, headers))
                .headers()
                .firstValue("X-Call-Id")
                .orElseThrow();
    }

    public void awaitSucceeded(String call) {
        await().atMost(PATIENCE)
                .until(() -> json("/async-function/" + call).path("status").asText(), "succeeded"::equals);
    }

    /** What the function answered to a call. */
    public String result(String call) {
        return expect(200, send("/async-function/" + call + "/result", null)).body();
    }

    private static HttpResponse<String> expect(int status, HttpResponse<String> answer) {
        if (answer.statusCode() != status) {
            throw new AssertionError(answer.request().uri() + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer;
    }
}
