package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.caravan.config.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs the functions where no engine is there; {@link ProviderChoiceIT} has one. */
class ProviderChoiceTest {

    /** What is said with {@code CARAVAN_PROVIDER=auto}. */
    static String choice(String host) {
        var settings = Settings.from(Map.of("CARAVAN_PROVIDER", "auto", "CARAVAN_DOCKER_HOST", host));
        return new ProviderChoice(settings, "test", InstantSource.system()).toString();
    }

    static void assertProcessesSince(String choice, String reason) {
        assertThat(choice)
                .startsWith("process: functions are processes of this machine, for trusted code; ")
                .contains(reason)
                .doesNotContain("\n")
                .hasSizeLessThan(250);
    }

    @Test
    void withoutAnEngineFunctionsAreProcesses(@TempDir Path folder) {
        String host = "unix://" + folder.resolve("nobody.sock");

        assertProcessesSince(choice(host), "the container engine at " + host + " does not answer");
    }

    @Test
    void anEngineThatRefusesIsNamed() throws IOException {
        String host;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            host = "tcp://127.0.0.1:" + socket.getLocalPort();
        }

        assertProcessesSince(choice(host), "the container engine at " + host + " does not answer");
    }

    @Test
    void aServerThatIsNoEngineIsTold() throws IOException {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        other.start();
        try {
            String choice = choice("tcp://127.0.0.1:" + other.getAddress().getPort());

            assertProcessesSince(choice, "the engine does not tell its version: ");
        } finally {
            other.stop(0);
        }
    }
}
