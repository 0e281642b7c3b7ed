package dev.caravan;

import dev.caravan.component.FunctionComponent;
import dev.caravan.component.calls.BuryCall;
import dev.caravan.component.calls.CallListenerContainerFactory;
import dev.caravan.component.calls.CallbackMessage;
import dev.caravan.component.calls.JudgeCall;
import dev.caravan.component.calls.NextAttempt;
import dev.caravan.component.calls.PostCallback;
import dev.caravan.component.calls.SettleCall;
import dev.caravan.component.calls.TakeCall;
import dev.caravan.component.calls.TakeCallback;
import dev.caravan.component.routes.RouteFiles;
import dev.caravan.config.AuthSettings;
import dev.caravan.config.Settings;
import dev.caravan.config.SettingsException;
import dev.caravan.gateway.AcceptCall;
import dev.caravan.gateway.AsyncReport;
import dev.caravan.gateway.BasicAuth;
import dev.caravan.gateway.CallAccepted;
import dev.caravan.gateway.DeadLettersApi;
import dev.caravan.gateway.FunctionRequest;
import dev.caravan.gateway.FunctionsApi;
import dev.caravan.gateway.HttpGateway;
import dev.caravan.gateway.QueuesApi;
import dev.caravan.gateway.RefuseCall;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.StackDeployer;
import dev.caravan.provider.process.ProcessProvider;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BrokerClient;
import dev.caravan.queue.BrokerException;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.DeadLetterQueues;
import dev.caravan.queue.EmbeddedBroker;
import dev.caravan.queue.Judge;
import dev.caravan.queue.RetryPolicies;
import dev.caravan.queue.StoreRoom;
import dev.caravan.telemetry.Check;
import dev.caravan.telemetry.ManagementServer;
import dev.caravan.telemetry.Telemetry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.CamelContext;
import org.apache.camel.component.activemq.ActiveMQComponent;
import org.apache.camel.main.MainConfigurationProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running Caravan: the composition root. Read {@link #start} from top to bottom to see what it is made of. */
public final class Caravan implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Caravan.class);

    private interface Closing {
        void close() throws Exception;
    }

    private final Settings settings;
    private final Map<String, String> environment;
    private final InstantSource clock = InstantSource.system();
    private final String version =
            Optional.ofNullable(Caravan.class.getPackage().getImplementationVersion()).orElse("dev");

    /** What to close, the last opened first. */
    private final Deque<Closing> opened = new ArrayDeque<>();

    private int port;
    private int managementPort;
    private String signIn = "nobody is asked (CARAVAN_AUTH=none)";
    private String providerName = "";

    private Caravan(Settings settings, Map<String, String> environment) {
        this.settings = settings;
        this.environment = environment;
    }

    /**
     * Starts everything and returns once calls are taken.
     *
     * @param environment what a stack file's variables are taken from
     * @throws SettingsException with one readable line when something is in the way; nothing is left running then
     */
    public static Caravan start(Settings settings, Map<String, String> environment) {
        var caravan = new Caravan(settings, environment);
        try {
            caravan.open();
            return caravan;
        } catch (BrokerException | LedgerException | IllegalStateException e) {
            caravan.close();
            throw new SettingsException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            caravan.close();
            throw new SettingsException(e.toString());
        } catch (SettingsException e) {
            caravan.close();
            throw e;
        }
    }
}
