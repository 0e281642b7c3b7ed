package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.activemq.broker.BrokerService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerClientTest {

    @Test
    void ourOwnBrokerPasses(@TempDir Path folder) {
        try (var fixture = new BrokerFixture(folder)) {
            fixture.client().probe();
        }
    }

    @Test
    @Timeout(10)
    void aBrokerThatDoesNotKeepDelayedMessagesBackIsRefused() throws Exception {
        var broker = new BrokerService();
        broker.setBrokerName("no-scheduler-" + UUID.randomUUID());
        broker.setPersistent(false);
        broker.setUseJmx(false);
        broker.setSchedulerSupport(false);
        broker.start();
        try (var client = new BrokerClient("vm://" + broker.getBrokerName() + "?create=false", null)) {
            assertThatThrownBy(client::probe)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("schedulerSupport");
        } finally {
            broker.stop();
        }
    }

    @ParameterizedTest
    @Timeout(10)
    @ValueSource(
            strings = {
                "tcp://127.0.0.1:%d",
                "failover:(tcp://127.0.0.1:%d)",
                "failover:tcp://127.0.0.1:%d",
                "failover://(tcp://127.0.0.1:%d)?initialReconnectDelay=20"
            })
    void aBrokerThatIsNotThereIsSaidSoon(String url) throws Exception {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        try (var client = new BrokerClient(url.formatted(free), null)) {
            assertThatThrownBy(client::probe)
                    .isInstanceOf(BrokerException.class)
                    .message()
                    .startsWith("cannot reach the broker at CARAVAN_BROKER_URL")
                    .doesNotContain("\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "failover:(%s)", "failover:%s", "failover:(%s)?randomize=false"})
    void everyWayToNameABrokerWorks(String url, @TempDir Path folder) throws Exception {
        try (var fixture = new BrokerFixture(folder, "tcp://127.0.0.1:0");
                var client = new BrokerClient(
                        url.formatted(fixture.broker().addresses().get(0)), BrokerFixture.ACCOUNT)) {
            BrokerFixture.send(client, "q", java.util.List.of("a"), 4, java.util.Map.of());

            assertThat(BrokerFixture.drain(client, "q", 500)).containsExactly("a");
        }
    }
}
