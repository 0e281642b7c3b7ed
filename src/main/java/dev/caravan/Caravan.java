package dev.caravan;

import dev.caravan.alerts.Alerts;
import dev.caravan.alerts.HistoryReadings;
import dev.caravan.build.FunctionBuilder;
import dev.caravan.component.calls.EnterLostLetters;
import dev.caravan.component.calls.RunningCalls;
import dev.caravan.component.calls.SweepBodies;
import dev.caravan.component.jms.ActiveMq;
import dev.caravan.component.jms.CallListenerContainerFactory;
import dev.caravan.component.routes.RouteFiles;
import dev.caravan.config.AuthSettings;
import dev.caravan.config.DatabaseSettings;
import dev.caravan.config.RetentionSettings;
import dev.caravan.config.Settings;
import dev.caravan.config.SettingsException;
import dev.caravan.function.FunctionAccess;
import dev.caravan.gateway.Audit;
import dev.caravan.gateway.BuiltPaths;
import dev.caravan.gateway.CallStamp;
import dev.caravan.gateway.Guard;
import dev.caravan.gateway.HttpGateway;
import dev.caravan.gateway.auth.BasicAuth;
import dev.caravan.gateway.auth.ProxyAuth;
import dev.caravan.gateway.auth.Sessions;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.Retention;
import dev.caravan.order.CallOrder;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.FunctionProvider.Health;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.StackDeployer;
import dev.caravan.queue.Admission;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BrokerClient;
import dev.caravan.queue.BrokerException;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.CallSender;
import dev.caravan.queue.EmbeddedBroker;
import dev.caravan.queue.EmbeddedBroker.Account;
import dev.caravan.queue.FunctionPolicies;
import dev.caravan.queue.QueueHead;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.StoreRoom;
import dev.caravan.scaling.ScaleFromZero;
import dev.caravan.telemetry.CallFeed;
import dev.caravan.telemetry.Check;
import dev.caravan.telemetry.DeploymentFeed;
import dev.caravan.telemetry.EventFeed;
import dev.caravan.telemetry.History;
import dev.caravan.telemetry.ManagementServer;
import dev.caravan.telemetry.Telemetry;
import dev.caravan.watchdog.BaseEnvironment;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running Caravan: the composition root. Read {@link #open} from top to bottom to see what it is made of. */
public final class Caravan implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Caravan.class);

    /** How soon a call that runs here ends when another node has cancelled it. */
    private static final Duration HEEDED = Duration.ofSeconds(1);

    /** How late a limit on calls that wait may be where several nodes count them. */
    private static final Duration RECOUNTED = Duration.ofSeconds(1);

    private static final Duration KEYS_TIDIED = Duration.ofMinutes(1);
    private static final Duration LINES_TENDED = Duration.ofSeconds(5);
    /** Longer than a function that was replaced finishes its calls. */
    private static final Duration BUILT_SWEPT = Duration.ofMinutes(10);

    private static final Duration SWEEP_EVERY = Duration.ofHours(1);

    /** Something that was opened and must be closed. */
    private interface Opened {
        void close() throws Exception;
    }

    private final Settings settings;
    private final Map<String, String> environment;
    private final InstantSource clock = InstantSource.system();
    private final String version = Optional.ofNullable(
                    Caravan.class.getPackage().getImplementationVersion())
            .orElse("dev");
    private final Deque<Opened> opened = new ArrayDeque<>();
    private final Vertx vertx = Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(Runtime.getRuntime().availableProcessors()));

    private String admin = "nobody yet";
    private String providers = "nothing yet";
    private int port;
    private int managementPort;

    private Caravan(Settings settings, Map<String, String> environment) {
        this.settings = settings;
        this.environment = environment;
    }

    /**
     * Starts everything and returns once calls are taken.
     *
     * @param environment what the variables of a stack file are taken from
     * @throws SettingsException with one readable line when something is in the way; nothing is left running then
     */
    public static Caravan start(Settings settings, Map<String, String> environment) {
        var caravan = new Caravan(settings, environment);
        var started = false;
        try {
            caravan.open();
            started = true;
            return caravan;
        } catch (BrokerException | LedgerException | ProviderException | IllegalStateException | IOException e) {
            LOG.debug("start failed", e);
            throw new SettingsException(String.valueOf(e.getMessage()));
        } finally {
            if (!started) {
                caravan.close();
            }
        }
    }

    private void open() throws IOException {
        opened.push(
                () -> vertx.close().toCompletionStage().toCompletableFuture().join());
        Path data = settings.data().folder();
        opened.push(DataFolder.open(data)::close);
        BasicAuth auth = BasicAuth.in(
                settings.data().secrets(), clock, settings.functions().namespace());
        opened.push(auth::close);
        Sessions sessions =
                auth.sessions(settings.auth().sessionIdle(), settings.auth().sessionTime());
        Account account = account();
        admin = account.user();

        Ledger ledger = ledger(data);
        ledger.open();
        opened.push(ledger::close);
        Retention retention = ledger.retention(limits());
        opened.push(retention::close);
        retention.start();

        BrokerClient broker = broker(data, account);
        var room = new StoreRoom(data, settings.broker().storeLimit(), storedBytes);

        var choice = new ProviderChoice(settings, version, clock);
        providers = choice.toString();
        FunctionProvider functions = choice.provider(data);
        opened.push(functions::close);
        functions.start();
        deployStack(functions, data);
        FunctionBuilder builder = builder(functions, data);

        ExecutorService workers = Workers.named("worker");
        opened.push(workers::shutdown);
        ScaleFromZero scaleFromZero = settings.scaling().fromZero() ? scaleFromZero(functions, workers) : null;
        var policies = new FunctionPolicies(new LimitOrders(functions, ledger.limits()), settings.policies());
        var admission = new Admission(function -> policies.apply(function).limits(), System::nanoTime);
        var listeners = new CallListenerContainerFactory(QueueKeeper.orders(ledger.queues()), workers, admission);
        var figures = new Figures(ledger, functions, listeners, admission, new QueueHead(broker), clock);
        var telemetry = new Telemetry(figures);
        opened.push(telemetry::close);
        var running = new RunningCalls();
        var chores = new Chores();
        opened.push(chores::close);
        chores.every(HEEDED, "cancelled calls", () -> running.heed(ledger));
        chores.every(RECOUNTED, "calls that wait", ledger::recount);
        chores.every(
                SWEEP_EVERY,
                "operator actions",
                () -> ledger.audit()
                        .forget(clock.instant().minus(settings.retention().keepAudit())));
        chores.every(BUILT_SWEPT, "what was built", builder::sweep);
        chores.every(KEYS_TIDIED, "idempotency keys", ledger.keys()::removeExpired);
        var feed = new EventFeed(vertx, workers, figures, clock);
        opened.push(feed::close);
        watchDeployments(functions, feed);
        var history = new History(figures, telemetry::invocations, clock);
        chores.every(History.STEP, "history", history::look);
        var alerts = new Alerts(settings.alerts(), new HistoryReadings(history, figures), clock);
        var bodies = new BodyFiles(settings.bodies().folder(), settings.bodies().threshold());
        var messages = new CallMessages(
                bodies,
                settings.functions().namespace(),
                settings.async().maxAge(),
                settings.gateway().maxBody(),
                clock);
        var letters = new Letters(
                settings,
                ledger,
                broker,
                bodies,
                messages,
                workers,
                new CallFeed(telemetry, feed, QueueNames.CALLBACK_QUEUE, clock),
                clock);
        var order = new CallOrder(ledger, messages, new CallSender(broker), bodies);
        ResqueBridge bridge = ResqueBridge.open(settings, data, hostName(), ledger, workers, clock);
        if (bridge != null) {
            opened.push(bridge::close);
            telemetry.tellOf(bridge.figures());
        }
        var loaded = new AtomicReference<RouteFiles>();
        var vocabulary = new Vocabulary(
                settings,
                version,
                clock,
                vertx,
                functions,
                builder,
                scaleFromZero,
                ledger,
                broker,
                bodies,
                messages,
                room,
                listeners,
                policies,
                admission,
                running,
                figures,
                telemetry,
                feed,
                history,
                alerts,
                workers,
                letters,
                order,
                sessions,
                bridge == null ? null : bridge.resque(),
                loaded::get,
                Settings.shown(environment));

        vocabulary.callbackKeys().open();
        sweep(vocabulary.sweepBodies(), workers);

        Guard guard = guard(auth, sessions, functions, ledger, workers);
        var gateway = new HttpGateway(
                vertx, gatewayOptions(), guard, workers, telemetry, new Audit(ledger.audit()::add, clock));
        opened.push(gateway::close);
        var paths = new BuiltPaths(functions, settings.functions().namespace());
        paths.start();
        gateway.find(paths);
        var camel = new CamelRuntime(settings);
        vocabulary.words().forEach(camel::bind);
        camel.bind("activemq", ActiveMq.component(broker));
        camel.bind(HttpGateway.BEAN, gateway);
        order.recover();
        chores.every(LINES_TENDED, "order of calls", order::tend);
        camel.start();
        opened.push(camel::close);
        var routes = new RouteFiles(
                camel.context(),
                settings.routes().folder(),
                roles(bridge),
                settings.gateway().drain(),
                scratch -> components(scratch, vocabulary, broker),
                clock);
        loaded.set(routes);
        routes.start();
        opened.push(routes::close);
        var ownQueues = new OwnQueues(functions, ledger, routes);
        boolean worker = settings.routes().roles().contains("worker");
        var queues = new QueueKeeper(ledger, listeners, worker ? ownQueues::look : () -> {});
        queues.start();
        opened.push(queues::close);
        letters.start();
        opened.push(letters::close);
        gateway.listen();
        port = gateway.port();
        if (scaleFromZero != null) {
            opened.push(scaleFromZero::close); // those who still wait when the time to drain is over
        }
        opened.push(gateway::drain);
        opened.push(ledger.watch()::close); // those who wait for a result have a whole answer before that

        if (settings.routes().roles().contains("outcome")) {
            EnterLostLetters lostLetters = vocabulary.lostLetters();
            opened.push(lostLetters::close);
            workers.execute(lostLetters);
        }

        var management = new ManagementServer(
                vertx,
                settings.gateway().host(),
                settings.gateway().managementPort(),
                telemetry,
                List.of(new Check("provider", () -> problem(functions.check())), new Check("room", room::objection)));
        managementPort = management.start();
        opened.push(management::close);
    }

    /** Now and then, beside everything else. */
    private void sweep(SweepBodies bodies, ExecutorService workers) {
        long timer = vertx.setPeriodic(1, SWEEP_EVERY.toMillis(), due -> workers.execute(bodies::sweep));
        opened.push(() -> vertx.cancelTimer(timer));
    }

    private LongSupplier storedBytes = () -> 0;

    private BrokerClient broker(Path data, Account account) {
        if (!settings.broker().embedded()) {
            var remote = new BrokerClient(settings.broker().url(), null);
            opened.push(remote::close);
            remote.probe();
            return remote;
        }
        var embedded = new EmbeddedBroker(
                data.resolve("broker"),
                settings.broker().storeLimit(),
                settings.broker().listen(),
                account,
                clock);
        embedded.start();
        opened.push(embedded::close);
        storedBytes = embedded::storedBytes;
        var client = new BrokerClient(embedded.url(), account);
        opened.push(client::close);
        return client;
    }

    private Ledger ledger(Path data) throws IOException {
        return database(data).as(settings.routes().node().orElseGet(Caravan::hostName));
    }

    /** As far as it is known: a host without a name of its own is no reason not to start. */
    private static String hostName() {
        try {
            String name = InetAddress.getLocalHost().getHostName();
            return name.substring(0, Math.min(64, name.length()));
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private Ledger database(Path data) throws IOException {
        DatabaseSettings database = settings.database();
        if (database.embedded()) {
            return new Ledger(data.resolve("ledger"), clock);
        }
        Path password = settings.data().secrets().resolve("database-password");
        return Ledger.shared(
                database.url(),
                database.user().isEmpty() ? null : database.user(),
                Files.exists(password) ? Files.readString(password).strip() : null,
                clock);
    }

    /** Clients of the embedded broker sign in as on {@code /system}. */
    private Account account() throws IOException {
        Path secrets = settings.data().secrets();
        return new Account(
                Files.readString(secrets.resolve("basic-auth-user")).strip(),
                Files.readString(secrets.resolve("basic-auth-password")).strip());
    }

    private FunctionBuilder builder(FunctionProvider functions, Path data) {
        return FunctionBuilder.of(
                functions,
                settings.build().templates(),
                data,
                BaseEnvironment.inherited(),
                settings.build().bases(),
                settings.build().limit(),
                clock);
    }

    private ScaleFromZero scaleFromZero(FunctionProvider functions, ExecutorService workers) {
        var scaling = new ScaleFromZero(functions, workers, settings.scaling().longestWait());
        scaling.start();
        return scaling;
    }

    private void watchDeployments(FunctionProvider functions, EventFeed feed) {
        var deployments = new DeploymentFeed(feed, functions::status, clock);
        functions.onChange(deployments);
        functions.namespaces().list().stream()
                .flatMap(namespace -> functions.list(namespace.name()).stream())
                .forEach(deployments::isThere);
    }

    private void deployStack(FunctionProvider functions, Path data) {
        settings.functions()
                .stack()
                .filter(Files::exists)
                .ifPresent(stack -> LOG.info(
                        "{}",
                        new StackDeployer(functions, data)
                                .apply(stack, environment, settings.functions().namespace())
                                .summary()));
    }

    private @Nullable Guard guard(
            BasicAuth auth, Sessions sessions, FunctionProvider functions, Ledger ledger, Executor workers) {
        if (settings.auth().mode() == AuthSettings.Mode.NONE) {
            return null;
        }
        FunctionAccess access =
                settings.auth().functions() == AuthSettings.Mode.NONE ? FunctionAccess.NONE : FunctionAccess.BASIC;
        return new Guard(
                auth,
                sessions,
                functions,
                settings.functions().namespace(),
                access,
                id -> ledger.call(id).map(CallStatus::function),
                workers,
                new ProxyAuth(settings.access(), settings.functions().namespace()));
    }

    private Retention.Limits limits() {
        RetentionSettings kept = settings.retention();
        return new Retention.Limits(kept.keepCalls(), kept.keepResults(), kept.resultsSize());
    }

    private HttpGateway.Options gatewayOptions() {
        return new HttpGateway.Options(
                settings.gateway().host(),
                settings.gateway().port(),
                settings.gateway().maxBody(),
                // A call may wait for a replica for as long again as it may take.
                settings.gateway().callTimeout().multipliedBy(3),
                new CallStamp(clock, version),
                settings.access().readOnly());
    }

    /** Without a Redis there is nothing to bridge to. */
    private List<String> roles(@Nullable ResqueBridge bridge) {
        return settings.routes().roles().stream()
                .filter(role -> bridge != null || !role.equals("bridge"))
                .toList();
    }

    /** Components for a dry run: they create everything and reach nothing. */
    private static void components(CamelContext scratch, Vocabulary vocabulary, BrokerClient broker) {
        scratch.addComponent("activemq", ActiveMq.component(broker));
        scratch.addComponent("function", vocabulary.functionComponent());
        scratch.addComponent("clock", vocabulary.clockComponent());
        scratch.addComponent("resque", vocabulary.resqueComponent());
        scratch.getRegistry().bind(HttpGateway.BEAN, new UnusedHttpEngine());
    }

    private static Optional<String> problem(Health health) {
        return health.up() ? Optional.empty() : Optional.of(health.detail());
    }

    String version() {
        return version;
    }

    /** The gateway's port. */
    public int port() {
        return port;
    }

    /** The port of metrics and health. */
    public int managementPort() {
        return managementPort;
    }

    /** Who signs in, and where the password is. */
    String signIn() {
        return settings.auth().mode() == AuthSettings.Mode.NONE
                ? "nobody is asked (CARAVAN_AUTH=none)"
                : admin + ", password in " + settings.data().secrets().resolve("basic-auth-password");
    }

    /** What runs the functions, and whom it is for. */
    String provider() {
        return providers;
    }

    /** Takes nothing new, finishes what runs within {@code CARAVAN_DRAIN}, and closes what was opened, last first. */
    @Override
    public void close() {
        while (!opened.isEmpty()) {
            Opened last = opened.pop();
            try {
                last.close();
            } catch (Exception e) {
                LOG.warn("stopping: one part did not stop cleanly", e);
            }
        }
    }
}
