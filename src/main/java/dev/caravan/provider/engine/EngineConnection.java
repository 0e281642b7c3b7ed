package dev.caravan.provider.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.BadRequestException;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to a container engine. Everything blocks; what fails is a {@link ProviderException} in one readable line:
 * {@code INVALID} for what the engine refuses, {@code UNAVAILABLE} when it does not answer.
 */
public final class EngineConnection implements AutoCloseable {

    /** Longer than any single answer takes, the stop of a container included. */
    private static final Duration ANSWER = Duration.ofSeconds(90);

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final int CONNECTIONS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(EngineConnection.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final DefaultDockerClientConfig configuration;
    private final DockerHttpClient http;
    private final DockerClient asks;
    private final DockerClient listens;

    /**
     * Whether the engine that is there manages a Swarm; it is asked for some seconds at most.
     *
     * @param host as in {@link DockerPlace#host}
     * @throws ProviderException when there is none
     */
    public static boolean managesSwarm(String host) {
        try (var connection = new EngineConnection(host, CONNECT)) {
            connection.version();
            return connection.swarm().path("ControlAvailable").asBoolean(false);
        }
    }

    /** @param host as in {@link DockerPlace#host} */
    public EngineConnection(String host) {
        this(host, ANSWER);
    }

    private EngineConnection(String host, Duration answer) {
        var builder = DefaultDockerClientConfig.createDefaultConfigBuilder();
        if (!host.isEmpty()) {
            builder.withDockerHost(host);
        }
        this.configuration = builder.build();
        this.http = http(answer);
        this.asks = DockerClientImpl.getInstance(configuration, http);
        this.listens = DockerClientImpl.getInstance(configuration, http(Duration.ZERO));
    }

    private DockerHttpClient http(Duration answer) {
        var client = new ZerodepDockerHttpClient.Builder()
                .dockerHost(configuration.getDockerHost())
                .sslConfig(configuration.getSSLConfig())
                .maxConnections(CONNECTIONS)
                .connectionTimeout(CONNECT);
        return answer.isZero()
                ? client.build()
                : new PunctualHttpClient(client.responseTimeout(answer).build(), answer);
    }

    /** For questions that are answered at once; to be asked within {@link #ask}. */
    public DockerClient asks() {
        return asks;
    }

    /** For answers that go on as long as a container runs. */
    public DockerClient listens() {
        return listens;
    }

    /** Where the engine listens. */
    public URI host() {
        return configuration.getDockerHost();
    }

    /** Its version, e.g. {@code 20.10.24}. */
    public String version() {
        return ask("tell its version", () -> asks.versionCmd().exec().getVersion());
    }

    /** What it says of the Swarm that it is in, as its API has it ({@code GET /info}). */
    public JsonNode swarm() {
        return send(Request.Method.GET, "/info", null, null).json().path("Swarm");
    }

    /** What Docker's own configuration says for the registry of an image. */
    public Optional<AuthConfig> credentials(String image) {
        return Optional.ofNullable(configuration.effectiveAuthConfig(image));
    }

    /**
     * Tells when something has happened to a container.
     *
     * @param labels of those containers
     * @param ended told once when nothing more comes
     */
    public Closeable watch(Map<String, String> labels, Consumer<Event> happened, Runnable ended) {
        var callback = new ResultCallback.Adapter<Event>() {
            @Override
            public void onNext(Event event) {
                happened.accept(event);
            }

            @Override
            public void onError(Throwable error) {
                LOG.debug("the engine tells no more events", error);
                super.onError(error);
                ended.run();
            }

            @Override
            public void onComplete() {
                super.onComplete();
                ended.run();
            }
        };
        listens.eventsCmd()
                .withLabelFilter(labels)
                .withEventFilter("start", "die", "oom", "destroy")
                .exec(callback);
        return callback;
    }

    /** Asks by the client, without an answer. @param what what the engine is to do, for the message when it does not */
    public void run(String what, Runnable request) {
        ask(what, () -> {
            request.run();
            return true;
        });
    }

    /** Asks by the client. @param what what the engine is to do, for the message when it does not */
    public <T> T ask(String what, Supplier<T> request) {
        try {
            return request.get();
        } catch (BadRequestException | NotFoundException | ConflictException e) {
            throw new ProviderException(Code.INVALID, "the engine does not " + what + ": " + line(e), e);
        } catch (DockerException e) {
            throw new ProviderException(Code.UNAVAILABLE, "the engine cannot " + what + ": " + line(e), e);
        } catch (RuntimeException e) {
            throw away(what, e);
        }
    }

    /** An answer of the engine in JSON. */
    public record Reply(int status, JsonNode json) {

        /** The engine's own words for what went wrong, in one line. */
        public String message() {
            return shortened(json.path("message").asText("status " + status));
        }
    }

    /**
     * Asks for what the client has no words for.
     *
     * @param path with its query, e.g. {@code /services?status=true}
     * @param body none when null
     * @param image whose registry's credentials go along; none when null
     */
    public Reply send(Request.Method method, String path, @Nullable JsonNode body, @Nullable String image) {
        var request = Request.builder().method(method).path(path);
        try {
            if (body != null) {
                request.putHeader("Content-Type", "application/json").bodyBytes(JSON.writeValueAsBytes(body));
            }
            Optional<AuthConfig> credentials = image == null ? Optional.empty() : credentials(image);
            if (credentials.isPresent()) {
                request.putHeader(
                        "X-Registry-Auth",
                        Base64.getUrlEncoder().encodeToString(JSON.writeValueAsBytes(credentials.get())));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what is asked is no JSON", e);
        }
        try (DockerHttpClient.Response response = http.execute(request.build());
                InputStream answer = response.getBody()) {
            byte[] bytes = answer.readAllBytes();
            return new Reply(
                    response.getStatusCode(), bytes.length == 0 ? MissingNode.getInstance() : JSON.readTree(bytes));
        } catch (IOException | RuntimeException e) {
            throw away(method + " " + path.replaceAll("\\?.*", ""), e);
        }
    }

    private ProviderException away(String what, Exception e) {
        LOG.debug("the engine at {} does not answer", host(), e);
        return new ProviderException(
                Code.UNAVAILABLE, "the container engine at " + host() + " does not answer (asked to " + what + ")", e);
    }

    /** An engine that does not answer at all, as what is thrown for it; empty when it answered something. */
    public Optional<ProviderException> whenAway(String what, RuntimeException e) {
        return !(e instanceof DockerException) && e.getCause() instanceof IOException
                ? Optional.of(away(what, e))
                : Optional.empty();
    }

    /** The engine's own words, which are JSON in an exception's. */
    public static String line(RuntimeException e) {
        String text = String.valueOf(e.getMessage());
        int from = text.indexOf("\"message\":\"");
        return shortened(from < 0 ? text : text.substring(from + 11).replaceAll("\"\\s*}\\s*$", ""));
    }

    private static String shortened(String text) {
        String one = text.replaceAll("\\s+", " ").strip();
        return one.length() <= 300 ? one : one.substring(0, 300) + "…";
    }

    @Override
    public void close() {
        for (DockerClient client : List.of(listens, asks)) {
            try {
                client.close();
            } catch (IOException e) {
                LOG.debug("closing a client failed", e);
            }
        }
    }
}
