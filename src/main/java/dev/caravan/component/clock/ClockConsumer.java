package dev.caravan.component.clock;

import dev.caravan.component.CaravanHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the next time, runs the route, and waits again, on a thread that exists only while the route is started. Times
 * that pass while it runs, or while the machine sleeps, are made up for by one run; those that pass while it is stopped are
 * not.
 */
final class ClockConsumer extends DefaultConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(ClockConsumer.class);

    private final ClockEndpoint endpoint;
    private final Schedule schedule;
    private @Nullable ScheduledExecutorService thread;

    ClockConsumer(ClockEndpoint endpoint, Processor processor, Schedule schedule) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.schedule = schedule;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ScheduledExecutorService waiting = endpoint.getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "clock-" + endpoint.getName());
        thread = waiting;
        expect(waiting, endpoint.getComponent().clock().instant());
    }

    @Override
    protected void doStop() throws Exception {
        ScheduledExecutorService waiting = thread;
        if (waiting != null) {
            thread = null;
            // What runs is left to finish; nothing is waited for any more.
            endpoint.getCamelContext().getExecutorServiceManager().shutdown(waiting);
        }
        super.doStop();
    }

    private void expect(ScheduledExecutorService waiting, Instant after) {
        schedule.after(after)
                .ifPresentOrElse(
                        due -> look(waiting, due),
                        () -> LOG.warn("the clock never strikes again clock={}", endpoint.getName()));
    }

    private void look(ScheduledExecutorService waiting, Instant due) {
        Duration left = Duration.between(endpoint.getComponent().clock().instant(), due);
        Duration longest = endpoint.getComponent().look();
        Duration pause = left.compareTo(longest) < 0 ? left : longest;
        waiting.schedule(() -> awake(waiting, due), Math.max(0, pause.toNanos()), TimeUnit.NANOSECONDS);
    }

    private void awake(ScheduledExecutorService waiting, Instant due) {
        if (waiting.isShutdown()) {
            return;
        }
        Instant now = endpoint.getComponent().clock().instant();
        if (now.isBefore(due)) {
            look(waiting, due);
            return;
        }
        strike(due);
        if (!waiting.isShutdown()) {
            Instant after = endpoint.getComponent().clock().instant();
            // A clock that was set back must not strike the same time twice.
            expect(waiting, after.isBefore(due) ? due : after);
        }
    }

    private void strike(Instant due) {
        Exchange exchange = createExchange(false);
        try {
            exchange.getMessage().setHeader(CaravanHeaders.DUE, due.toString());
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        } finally {
            if (exchange.getException() != null) {
                LOG.warn(
                        "a run by the clock failed clock={} due={} error=\"{}\"",
                        endpoint.getName(),
                        due,
                        exchange.getException().getMessage());
            }
            releaseExchange(exchange, false);
        }
    }
}
