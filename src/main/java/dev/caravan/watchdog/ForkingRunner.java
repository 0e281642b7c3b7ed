package dev.caravan.watchdog;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Executor;

/** A process for each request. */
final class ForkingRunner implements FunctionRunner {

    private final Map<String, String> environment;
    private final WatchdogSettings settings;
    private final Place place;
    private final RunningCalls running;
    private final Executor threads;
    private final FunctionLog log;
    private final CallLog calls;

    ForkingRunner(
            Map<String, String> environment,
            WatchdogSettings settings,
            Place place,
            RunningCalls running,
            Executor threads,
            FunctionLog log) {
        this.environment = environment;
        this.settings = settings;
        this.place = place;
        this.running = running;
        this.threads = threads;
        this.log = log;
        this.calls = new CallLog(settings, log);
    }

    @Override
    public void answer(Exchange exchange) throws IOException, InterruptedException {
        boolean classic = settings.mode() == Mode.CLASSIC;
        if (classic) {
            log.line("Forking fprocess.");
        }
        long begin = System.nanoTime();
        try (ForkedAnswer answer = settings.mode() == Mode.STREAMING
                ? new StreamedAnswer(exchange, settings, log)
                : new BufferedAnswer(exchange, settings, log)) {
            new ForkedCall(exchange, answer, settings, running, threads, log).run(environment, place);
            if (!classic) {
                calls.done(exchange, Integer.toString(answer.loggedStatus()), System.nanoTime() - begin);
            }
        }
    }
}
