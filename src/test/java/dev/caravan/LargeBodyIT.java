package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.EchoFunction;
import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.ProcessMemory;
import dev.caravan.testing.RawClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A body larger than the heap, up and down through {@code /function}, in a server of 256 MiB. */
@Timeout(300)
class LargeBodyIT {

    private static final long LENGTH = 1L << 30;
    private static final int BLOCK = 1 << 20;

    /** The heap, as much again for buffers outside it, and what a Java process is made of. */
    private static final long MAX_RESIDENT = 700L << 20;

    @TempDir
    Path folder;

    /** Each a thread of its own: the common pool has only one where there are two processors. */
    private final ExecutorService threads = Executors.newFixedThreadPool(2);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void aGibibyteGoesUpAndDownInConstantMemoryWhileOthersAreAnswered() throws Exception {
        try (var caravan = CaravanProcess.start(folder, Map.of("CARAVAN_CALL_TIMEOUT", "280s"))) {
            caravan.deploy("echo", EchoFunction.command(), Map.of("mode", "http"), Map.of());
            caravan.awaitReplica("echo");

            try (var client = new RawClient(caravan.url("/").getPort())) {
                client.send("POST /function/echo HTTP/1.1\nHost: test\nContent-Length: " + LENGTH, "");
                CompletableFuture<Long> sent = CompletableFuture.supplyAsync(() -> send(client), threads);
                HttpMessage head = HttpMessage.head(client.in());
                CompletableFuture<Long> received = CompletableFuture.supplyAsync(() -> receive(client), threads);
                int others = 0;
                while (!received.isDone()) {
                    assertThat(caravan.post("/function/echo", "small").body()).isEqualTo("small");
                    others++;
                }

                assertThat(head.status()).isEqualTo(200);
                assertThat(head.value("Content-Length")).isEqualTo(Long.toString(LENGTH));
                assertThat(received.get(1, TimeUnit.SECONDS)).isEqualTo(sent.get(60, TimeUnit.SECONDS));
                assertThat(others).isGreaterThan(5);
            }
            assertThat(ProcessMemory.peak(caravan.pid())).isLessThan(MAX_RESIDENT);
            assertThat(caravan.output()).doesNotContain("ERROR", "OutOfMemory");
        }
    }

    /** @return the checksum of what was sent */
    private static long send(RawClient client) {
        var random = new SplittableRandom(1);
        var checksum = new CRC32C();
        byte[] block = new byte[BLOCK];
        random.nextBytes(block);
        try {
            OutputStream out = client.out();
            for (long left = LENGTH; left > 0; left -= block.length) {
                block[random.nextInt(BLOCK)]++; // no two blocks alike, so that none may be lost or swapped
                checksum.update(block);
                out.write(block);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return checksum.getValue();
    }

    private static long receive(RawClient client) {
        var checksum = new CRC32C();
        byte[] block = new byte[BLOCK];
        try {
            InputStream in = client.in();
            for (long left = LENGTH; left > 0; ) {
                int count = in.read(block, 0, (int) Math.min(block.length, left));
                assertThat(count).as("bytes, with %d to come", left).isPositive();
                checksum.update(block, 0, count);
                left -= count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return checksum.getValue();
    }
}
