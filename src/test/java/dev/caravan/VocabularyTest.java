package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.alerts.Alerts;
import dev.caravan.build.FunctionBuilder;
import dev.caravan.component.calls.RunningCalls;
import dev.caravan.component.jms.CallListenerContainerFactory;
import dev.caravan.config.Settings;
import dev.caravan.gateway.auth.BasicAuth;
import dev.caravan.ledger.Ledger;
import dev.caravan.order.CallOrder;
import dev.caravan.queue.Admission;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BrokerClient;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.CallSender;
import dev.caravan.queue.FunctionPolicies;
import dev.caravan.queue.QueueHead;
import dev.caravan.queue.QueueOrders;
import dev.caravan.queue.StoreRoom;
import dev.caravan.routes.RouteBeans;
import dev.caravan.telemetry.EventFeed;
import dev.caravan.telemetry.History;
import dev.caravan.telemetry.Telemetry;
import dev.caravan.testing.FakeFunctionProvider;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who writes a route finds its words in the table of routes/README.md: all of them, and none that is not there. */
class VocabularyTest {

    @TempDir
    Path folder;

    @Test
    void everyWordOfTheRoutesIsExplainedAndNoOther() throws IOException {
        assertThat(RouteBeans.names()).containsExactlyInAnyOrderElementsOf(words());
    }

    /** Little is opened for it: most constructors do no I/O. */
    private Set<String> words() throws IOException {
        var clock = InstantSource.system();
        var settings = Settings.from(Map.of("CARAVAN_DATA", folder.toString()));
        var provider = new FakeFunctionProvider();
        var ledger = new Ledger(folder, clock);
        var vertx = Vertx.vertx();
        var policies = new FunctionPolicies(function -> Map.of(), settings.policies());
        var admission = Admission.unlimited();
        var listeners = new CallListenerContainerFactory(QueueOrders.NONE, Runnable::run, admission);
        try (var broker = new BrokerClient("vm://nobody?create=false", null);
                var auth = BasicAuth.in(folder.resolve("secrets"), clock, "openfaas-fn")) {
            var bodies = new BodyFiles(folder, 1 << 16);
            var messages = new CallMessages(bodies, "openfaas-fn", Duration.ofHours(1), 1 << 20, clock);
            var figures = new Figures(ledger, provider, listeners, admission, new QueueHead(broker), clock);
            try (var telemetry = new Telemetry(figures)) {
                return new Vocabulary(
                                settings,
                                "1.2.3",
                                clock,
                                vertx,
                                provider,
                                FunctionBuilder.of(
                                        provider, folder, folder, Map.of(), Map.of(), Duration.ofSeconds(1), clock),
                                null,
                                ledger,
                                broker,
                                bodies,
                                messages,
                                new StoreRoom(folder, 1 << 20, () -> 0),
                                listeners,
                                policies,
                                admission,
                                new RunningCalls(),
                                figures,
                                telemetry,
                                new EventFeed(vertx, Runnable::run, figures, clock),
                                new History(figures, telemetry::invocations, clock),
                                new Alerts(settings.alerts(), rule -> Map.of(), clock),
                                Runnable::run,
                                new Letters(
                                        settings, ledger, broker, bodies, messages, Runnable::run, telemetry, clock),
                                new CallOrder(ledger, messages, new CallSender(broker), bodies),
                                auth.sessions(Duration.ofHours(1), Duration.ofHours(1)),
                                null,
                                () -> {
                                    throw new IllegalStateException("nobody asks");
                                },
                                List.of())
                        .words()
                        .keySet();
            }
        } finally {
            vertx.close();
        }
    }
}
