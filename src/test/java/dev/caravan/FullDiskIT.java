package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.CaravanProcessFixture;
import dev.caravan.testing.Requirement;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A disk that fills up closes the door before anything that was accepted is in danger, and opens it again when there is
 * room. The disk of the data folder is one in memory, a little larger than what is kept free.
 */
class FullDiskIT extends CaravanProcessFixture {

    private static final byte[] LARGE = new byte[200 << 10];

    private boolean mounted;

    private Path disk() {
        return folder.resolve("data");
    }

    @Override
    protected Map<String, String> settings() throws Exception {
        Files.createDirectories(disk());
        mounted = ran("mount", "-t", "tmpfs", "-o", "size=1200m", "tmpfs", disk().toString());
        if (!mounted) {
            Files.delete(disk());
        }
        Requirement.that(mounted, "a disk of its own has to be mounted; run the tests as root");
        return Map.of("CARAVAN_STORE_LIMIT", "1GiB");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            if (caravan != null) {
                caravan.close();
            }
            assertThat(ran("umount", "-l", disk().toString())).isTrue();
        }
    }

    private static boolean ran(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    /** Fills the disk until only {@code left} bytes are free. */
    private Path ballast(long left) throws IOException {
        Path file = disk().resolve("ballast");
        byte[] block = new byte[1 << 20];
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            while (disk().toFile().getUsableSpace() > left) {
                out.write(block);
            }
        }
        return file;
    }

    private HttpRequest.Builder large(String function) {
        return HttpRequest.newBuilder(caravan.url("/async-function/" + function))
                .POST(BodyPublishers.ofByteArray(LARGE));
    }

    @Test
    void theDoorClosesInTimeAndOpensAgain() throws Exception {
        deploy("works", Map.of("com.openfaas.retry.min_wait", "1s"));
        caravan.scale("works", 0);
        List<String> accepted = callers.accepted(100, number -> call("works", "?fails=1&after=1"));
        callers.accepted(20, number -> large("works"));

        Path ballast = ballast((1L << 30) - (20L << 20));
        slowly().until(() -> caravan.send(call("works", "")).statusCode() == 503);
        List<HttpResponse<String>> refused = callers.answers(100, number -> call("works", ""));
        assertThat(refused).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(answer.body()).contains("no room");
        });
        caravan.scale("works", 1); // those accepted run, fail, are retried and settled meanwhile
        slowly().untilAsserted(() -> assertThat(effects.ended()).containsKeys(accepted.toArray(String[]::new)));
        slowly().untilAsserted(() -> assertThat(caravan.calls(QUEUE)).containsOnlyKeys("succeeded"));
        long before = caravan.calls(QUEUE).getOrDefault("succeeded", 0L);

        Files.delete(ballast);
        slowly().until(() -> caravan.send(call("works", "")).statusCode() == 202);
        slowly().untilAsserted(() -> assertThat(caravan.calls(QUEUE)).isEqualTo(Map.of("succeeded", before + 1)));
        assertThat(effects.begun()).hasSize((int) before + 1);
    }
}
