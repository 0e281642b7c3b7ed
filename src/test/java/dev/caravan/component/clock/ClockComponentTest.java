package dev.caravan.component.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.component.CaravanHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A clock that the test sets: it looks every 10 ms, however long there is to wait. */
@Timeout(60)
class ClockComponentTest {

    private static final Duration LOOK = Duration.ofMillis(10);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-04T02:59:00Z"));
    private final List<String> struck = new CopyOnWriteArrayList<>();
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void start() {
        camel.addComponent("clock", new ClockComponent(now::get, LOOK));
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    private void route(String options, Processor step) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("clock:nightly?" + options).routeId("nightly").process(step);
            }
        });
    }

    private void record(String options) throws Exception {
        route(options, exchange -> struck.add(exchange.getMessage().getHeader(CaravanHeaders.DUE, String.class)));
    }

    private void set(String time) {
        now.set(Instant.parse(time));
    }

    /** Long enough for a clock that would strike to have done so several times. */
    private void nothingStrikes(int before) {
        await().pollDelay(LOOK.multipliedBy(20)).until(() -> true);
        assertThat(struck).hasSize(before);
    }

    private void awaitStruck(String... times) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(struck).containsExactly(times));
    }

    @Test
    void itStrikesWhenItIsTimeAndSaysForWhen() throws Exception {
        record("cron=0 3 * * *");
        nothingStrikes(0);

        set("2026-03-04T03:00:00.4Z");
        awaitStruck("2026-03-04T03:00:00Z");

        set("2026-03-05T02:59:59.999Z");
        nothingStrikes(1);
        set("2026-03-05T03:00:00Z");
        awaitStruck("2026-03-04T03:00:00Z", "2026-03-05T03:00:00Z");
    }

    @Test
    void timesThatTheMachineSleptThroughAreMadeUpForByOneRun() throws Exception {
        record("cron=0 * * * *");
        set("2026-03-04T09:30:00Z");
        awaitStruck("2026-03-04T03:00:00Z");
        nothingStrikes(1);

        set("2026-03-04T10:00:00Z");

        awaitStruck("2026-03-04T03:00:00Z", "2026-03-04T10:00:00Z");
    }

    @Test
    void aClockThatIsSetBackStrikesNoTimeTwice() throws Exception {
        record("cron=0 3 * * *");
        set("2026-03-04T03:00:00Z");
        awaitStruck("2026-03-04T03:00:00Z");

        set("2026-03-04T02:30:00Z");
        nothingStrikes(1);
        set("2026-03-04T03:00:10Z");
        nothingStrikes(1);
    }

    @Test
    void aRunThatFailsDoesNotStopTheClock() throws Exception {
        route("cron=0 3 * * *", exchange -> {
            struck.add(exchange.getMessage().getHeader(CaravanHeaders.DUE, String.class));
            throw new IllegalStateException("not today");
        });
        set("2026-03-04T03:00:00Z");
        awaitStruck("2026-03-04T03:00:00Z");

        set("2026-03-05T03:00:00Z");

        awaitStruck("2026-03-04T03:00:00Z", "2026-03-05T03:00:00Z");
    }

    @Test
    void timesThatPassWhileItIsStoppedAreGone() throws Exception {
        record("cron=0 3 * * *");
        camel.getRouteController().stopRoute("nightly");
        set("2026-03-04T03:00:00Z");
        nothingStrikes(0);
        set("2026-03-04T12:00:00Z");

        camel.getRouteController().startRoute("nightly");
        nothingStrikes(0);
        set("2026-03-05T03:00:00Z");

        awaitStruck("2026-03-05T03:00:00Z");
    }

    @Test
    void aStopLetsTheRunThatIsUnderWayFinish() throws Exception {
        var entered = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        route("cron=0 3 * * *", exchange -> {
            entered.countDown();
            assertThat(gate.await(30, TimeUnit.SECONDS)).isTrue();
            struck.add("finished");
        });
        set("2026-03-04T03:00:00Z");
        assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();

        var stopping = new Thread(() -> camel.getRoute("nightly").getConsumer().stop());
        stopping.start();
        gate.countDown();
        stopping.join();

        awaitStruck("finished");
    }

    @Test
    void whatCannotBeReadIsSaidWhenTheRouteIsMade() {
        assertThatThrownBy(() -> record("cron=soon"))
                .hasRootCauseMessage("Cron expression must consist of 6 fields (found 1 in \"soon\")");
        assertThatThrownBy(() -> record("cron=0 3 * * *&zone=Mars"))
                .hasStackTraceContaining("no time zone is called \"Mars\"");
        assertThatThrownBy(() -> record("zone=UTC")).hasStackTraceContaining("\"\" is no cron expression");
    }

    @Test
    void nothingIsSentToIt() {
        assertThatThrownBy(() -> camel.getEndpoint("clock:x?cron=0 3 * * *").createProducer())
                .hasMessage("a clock can be listened to (from:), not sent to (to:)");
    }
}
