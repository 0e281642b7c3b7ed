package dev.caravan;

import dev.caravan.alerts.Alerts;
import dev.caravan.build.FunctionBuilder;
import dev.caravan.component.CallbackTargets;
import dev.caravan.component.FunctionComponent;
import dev.caravan.component.calls.BuryCall;
import dev.caravan.component.calls.CallbackKeys;
import dev.caravan.component.calls.CallbackMessage;
import dev.caravan.component.calls.EnterLostLetters;
import dev.caravan.component.calls.JudgeCall;
import dev.caravan.component.calls.NextAttempt;
import dev.caravan.component.calls.PostAlert;
import dev.caravan.component.calls.PostCallback;
import dev.caravan.component.calls.RunningCalls;
import dev.caravan.component.calls.SettleCall;
import dev.caravan.component.calls.SweepBodies;
import dev.caravan.component.calls.TakeCall;
import dev.caravan.component.calls.TakeCallback;
import dev.caravan.component.clock.ClockComponent;
import dev.caravan.component.jms.CallListenerContainerFactory;
import dev.caravan.component.resque.JobHandler;
import dev.caravan.component.resque.ResqueComponent;
import dev.caravan.component.routes.RouteFiles;
import dev.caravan.config.Settings;
import dev.caravan.config.ShownSetting;
import dev.caravan.function.CallEvents;
import dev.caravan.function.FunctionName;
import dev.caravan.gateway.AcceptCall;
import dev.caravan.gateway.AlertsApi;
import dev.caravan.gateway.AsyncReport;
import dev.caravan.gateway.AuditApi;
import dev.caravan.gateway.BuildApi;
import dev.caravan.gateway.CallAccepted;
import dev.caravan.gateway.CallQueued;
import dev.caravan.gateway.CallRequest;
import dev.caravan.gateway.CallRequestsApi;
import dev.caravan.gateway.CallResultApi;
import dev.caravan.gateway.CallStamp;
import dev.caravan.gateway.CallsApi;
import dev.caravan.gateway.CancelCall;
import dev.caravan.gateway.ClaimKey;
import dev.caravan.gateway.Console;
import dev.caravan.gateway.EnqueueJob;
import dev.caravan.gateway.EventsApi;
import dev.caravan.gateway.FollowAlerts;
import dev.caravan.gateway.FunctionLimitsApi;
import dev.caravan.gateway.FunctionRequest;
import dev.caravan.gateway.FunctionsApi;
import dev.caravan.gateway.HistoryApi;
import dev.caravan.gateway.JoinLine;
import dev.caravan.gateway.LogsApi;
import dev.caravan.gateway.Masks;
import dev.caravan.gateway.NamespacesApi;
import dev.caravan.gateway.PurgeQueue;
import dev.caravan.gateway.QueueStats;
import dev.caravan.gateway.QueuesApi;
import dev.caravan.gateway.RefuseCall;
import dev.caravan.gateway.ResqueApi;
import dev.caravan.gateway.RoutesApi;
import dev.caravan.gateway.SecretsApi;
import dev.caravan.gateway.SessionApi;
import dev.caravan.gateway.SettingsApi;
import dev.caravan.gateway.StatsApi;
import dev.caravan.gateway.ViewsApi;
import dev.caravan.gateway.auth.Sessions;
import dev.caravan.ledger.Ledger;
import dev.caravan.letters.LetterBody;
import dev.caravan.order.CallOrder;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.queue.Admission;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BrokerClient;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.DeadLetterReader;
import dev.caravan.queue.FunctionPolicies;
import dev.caravan.queue.Judge;
import dev.caravan.queue.QueueGlance;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueueSweep;
import dev.caravan.queue.RetryBudgets;
import dev.caravan.queue.StoreRoom;
import dev.caravan.resque.Resque;
import dev.caravan.scaling.ScaleByAlerts;
import dev.caravan.scaling.ScaleFromZero;
import dev.caravan.telemetry.CallFeed;
import dev.caravan.telemetry.EventFeed;
import dev.caravan.telemetry.History;
import dev.caravan.telemetry.Telemetry;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The words of the routes: every name that a route may {@code ref:} to, and what stands behind it.
 *
 * @param scaleFromZero null when calls start nothing
 * @param resque null when there is no Redis
 * @param background runs what nobody waits for
 */
record Vocabulary(
        Settings settings,
        String version,
        InstantSource clock,
        Vertx vertx,
        FunctionProvider provider,
        FunctionBuilder builder,
        @Nullable ScaleFromZero scaleFromZero,
        Ledger ledger,
        BrokerClient broker,
        BodyFiles bodies,
        CallMessages messages,
        StoreRoom room,
        CallListenerContainerFactory listeners,
        FunctionPolicies policies,
        Admission admission,
        RunningCalls running,
        Figures figures,
        Telemetry telemetry,
        EventFeed feed,
        History history,
        Alerts alerts,
        Executor background,
        Letters letters,
        CallOrder order,
        Sessions sessions,
        @Nullable Resque resque,
        Supplier<RouteFiles> routeFiles,
        List<ShownSetting> shownSettings) {

    Map<String, Object> words() {
        String namespace = settings.functions().namespace();
        var maxAge = settings.async().maxAge();
        long resultLimit = settings.retention().resultLimit();
        var budgets = new RetryBudgets(function -> policies.apply(function).retryBudget(), System::nanoTime);
        var judge = new Judge(
                function -> policies.apply(function).retry(),
                budgets,
                admission,
                clock,
                () -> ThreadLocalRandom.current().nextDouble());
        var targets = new CallbackTargets(
                settings.callbacks().denyPrivate(), settings.callbacks().allow());

        var masks = new Masks(settings.masks());
        var stamp = new CallStamp(clock, version);
        CallEvents events = new CallFeed(telemetry, feed, QueueNames.CALLBACK_QUEUE, clock);

        var words = new LinkedHashMap<String, Object>();
        words.put("function", functionComponent());
        words.put("clock", clockComponent());
        words.put("resque", resqueComponent());
        words.put("callListeners", listeners);

        words.put(
                "functionRequest",
                new FunctionRequest(namespace, stamp, settings.callbacks().chainDepth()));
        words.put(
                "acceptCall",
                new AcceptCall(provider, policies, ledger, bodies, targets, room, events, settings.async(), clock));
        words.put("claimKey", new ClaimKey(ledger.keys(), bodies, events));
        words.put("joinLine", new JoinLine(order, events));
        var accepted = new CallAccepted(ledger, order, events);
        words.put("callAccepted", accepted);
        words.put("callRequest", new CallRequest(namespace, settings.gateway().maxBody()));
        words.put("callQueued", new CallQueued(accepted));
        words.put("cancelCall", new CancelCall(ledger, running, order, events));
        words.put("refuseCall", new RefuseCall(bodies, order, events));
        words.put("asyncReport", new AsyncReport(events, namespace));
        words.put("functions", new FunctionsApi(provider, namespace, this::invocations, version, Commit.ofThisBuild()));
        words.put("functionLimits", new FunctionLimitsApi(provider, ledger.limits(), policies, namespace));
        words.put("builds", new BuildApi(builder, provider, namespace, background));
        words.put("functionLogs", new LogsApi(provider, namespace));
        words.put("console", new Console());
        words.put(
                "session", new SessionApi(sessions, settings.access().readOnly(), resque != null, settings.console()));
        words.put("routes", new RoutesApi(routeFiles));
        words.put("audit", new AuditApi(ledger.audit()));
        words.put("settings", new SettingsApi(shownSettings));
        words.put("events", new EventsApi(feed, namespace));
        words.put("history", new HistoryApi(history));
        words.put("alerts", new AlertsApi(alerts));
        words.put("lookForAlerts", alerts);
        words.put("views", new ViewsApi(ledger.views(), clock));
        words.put("postAlert", new PostAlert(vertx, alerts, callbackKeys(), ledger.node(), clock, version));
        words.put("followAlerts", new FollowAlerts(new ScaleByAlerts(provider), namespace));
        words.put("secrets", new SecretsApi(provider.secrets(), namespace));
        words.put("namespaces", new NamespacesApi(provider.namespaces()));
        words.put(
                "callRequests",
                new CallRequestsApi(
                        ledger, stamp, new LetterBody(bodies), messages, new QueueGlance(broker, messages), masks));
        words.put("calls", new CallsApi(ledger, stamp, masks, clock));
        words.put(
                "callResult",
                new CallResultApi(
                        ledger,
                        stamp,
                        vertx,
                        settings.retention().keepResults(),
                        settings.gateway().callTimeout(),
                        clock));
        words.put("queues", new QueuesApi(figures::queues, ledger, provider, listeners::obey, purgeQueue(), namespace));
        words.put("stats", new StatsApi(List.of(new QueueStats(figures::queues))));
        letters.addTo(words, provider, masks);

        words.put(
                "jobHandler",
                new JobHandler(
                        settings.resque().functions(),
                        namespace,
                        function -> provider.replicas(function).isPresent()));
        words.put("enqueueJob", new EnqueueJob(resque));
        words.put("resqueJobs", new ResqueApi(resque, letters::replay, masks));
        words.put("takeCall", new TakeCall(messages, ledger, order, running, judge, events, resultLimit, clock));
        words.put("judgeCall", new JudgeCall(judge, ledger, clock));
        words.put("nextAttempt", new NextAttempt());
        words.put("buryCall", new BuryCall(clock));
        words.put(
                "settleCall",
                new SettleCall(
                        ledger,
                        order,
                        messages,
                        bodies,
                        events,
                        new SettleCall.Limits(resultLimit, settings.retention().requestLimit()),
                        clock));
        words.put(
                "callbackMessage",
                new CallbackMessage(
                        bodies, function -> policies.apply(function).retry().attempts(), maxAge, clock, version));
        words.put("takeCallback", new TakeCallback(messages, judge, clock));
        words.put("postCallback", new PostCallback(vertx, judge, callbackKeys(), targets, clock, version));
        return words;
    }

    private PurgeQueue purgeQueue() {
        var sweep = new QueueSweep(broker, messages);
        return new PurgeQueue(ledger, sweep, order, listeners::physicalQueues, background, clock);
    }

    /** What fills a ledger that was lost from the queues. */
    EnterLostLetters lostLetters() {
        return new EnterLostLetters(new DeadLetterReader(broker, messages), ledger);
    }

    CallbackKeys callbackKeys() {
        return new CallbackKeys(provider, settings.data().secrets());
    }

    SweepBodies sweepBodies() {
        return new SweepBodies(bodies, ledger, settings.async().maxAge(), clock);
    }

    /** A component of its own for each Camel context: a context starts and stops its components. */
    FunctionComponent functionComponent() {
        return new FunctionComponent(
                provider,
                vertx,
                telemetry,
                settings.functions().namespace(),
                settings.gateway().callTimeout(),
                "caravan/" + version,
                scaleFromZero);
    }

    /** Likewise. */
    ClockComponent clockComponent() {
        return new ClockComponent(clock);
    }

    /** Likewise. */
    ResqueComponent resqueComponent() {
        return new ResqueComponent(resque, ResqueBridge::exit);
    }

    private double invocations(FunctionName function) {
        return telemetry.invocations(function);
    }
}
