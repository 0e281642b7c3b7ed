package dev.caravan.provider.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PunctualHttpClientTest {

    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Request PING =
            Request.builder().method(Request.Method.GET).path("/_ping").build();

    @TempDir
    Path folder;

    private ServerSocketChannel socket;

    @BeforeEach
    void listen() throws IOException {
        socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("socket")));
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
    }

    private DockerHttpClient client(Duration limit) {
        var http = new ZerodepDockerHttpClient.Builder()
                .dockerHost(URI.create("unix://" + folder.resolve("socket")))
                .build();
        return new PunctualHttpClient(http, limit);
    }

    @Test
    void whoeverSaysNothingIsGivenUpAndTheThreadGoesOnAsIfNothingWas() throws IOException {
        try (DockerHttpClient client = client(SHORT)) {
            long begin = System.nanoTime();

            assertThatThrownBy(() -> client.execute(PING)).hasCauseInstanceOf(SocketTimeoutException.class);

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(SHORT, Duration.ofSeconds(10));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @Test
    void anAnswerInTimeIsRead() throws IOException {
        CompletableFuture<Void> server = CompletableFuture.runAsync(this::answerOne);
        try (DockerHttpClient client = client(LONG);
                Response response = client.execute(PING)) {
            assertThat(new String(response.getBody().readAllBytes(), UTF_8)).isEqualTo("OK");
        }
        server.join();
    }

    private void answerOne() {
        try (SocketChannel connection = socket.accept()) {
            assertThat(connection.read(ByteBuffer.allocate(10_000))).isPositive();
            connection.write(UTF_8.encode("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
