package dev.caravan;

import static dev.caravan.ProviderChoiceTest.assertProcessesSince;
import static dev.caravan.ProviderChoiceTest.choice;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.PrivateEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What runs the functions where an engine answers, or should. */
class ProviderChoiceIT {

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @Test
    void whereAnEngineAnswersFunctionsAreItsContainersAndServicesOnceItManagesASwarm() throws IOException {
        engine.leaveSwarm();
        assertThat(choice(engine.host())).isEqualTo("docker: functions are containers of one engine");

        engine.swarm();
        assertThat(choice(engine.host())).isEqualTo("swarm: functions are services of a Docker Swarm");
    }

    @Test
    void anEngineThatTakesConnectionsAndNeverAnswersIsNotWaitedForLong(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("mute.sock");
        try (var port = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var socket =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path))) {
            assertSoonWithout("tcp://127.0.0.1:" + port.getLocalPort());
            assertSoonWithout("unix://" + path);
        }
    }

    private static void assertSoonWithout(String host) {
        long begin = System.nanoTime();

        assertProcessesSince(choice(host), "the container engine at " + host + " does not answer");

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    }
}
