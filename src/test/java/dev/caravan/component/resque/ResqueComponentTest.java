package dev.caravan.component.resque;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.FunctionAnswer;
import dev.caravan.component.Refusal;
import dev.caravan.resque.JobCalls;
import dev.caravan.resque.Namespace;
import dev.caravan.resque.RedisAddress;
import dev.caravan.resque.Resque;
import dev.caravan.testing.RedisServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Routes from and to a real Redis; what a worker does there is ResqueWorkerTest's. */
@Timeout(120)
class ResqueComponentTest {

    @TempDir
    static Path folder;

    private static RedisServer redis;

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final List<String> done = new CopyOnWriteArrayList<>();
    private final CountDownLatch exit = new CountDownLatch(1);
    private Resque resque;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    @BeforeEach
    void start() {
        redis.ask("FLUSHALL");
        resque = new Resque(
                RedisAddress.parse(redis.url()),
                new Namespace("resque"),
                "here",
                "vm",
                1,
                JobCalls.NONE,
                InstantSource.system());
        camel.getCamelContextExtension().setName("test");
        camel.addComponent("resque", new ResqueComponent(resque, exit::countDown));
        camel.getShutdownStrategy().setTimeout(1);
        camel.getShutdownStrategy().setLogInflightExchangesOnTimeout(false);
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
        resque.close();
    }

    private interface Steps {
        void add(RouteDefinition route);
    }

    private void route(String uri, Steps steps) throws Exception {
        route("jobs", uri, steps);
    }

    private void route(String id, String uri, Steps steps) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                steps.add(from(uri).routeId(id));
            }
        });
    }

    private void handlers(String uri) throws Exception {
        var handler = new JobHandler(Map.of(), "openfaas-fn", function -> false);
        route(uri, route -> route.process(handler).toD("${exchangeProperty." + JobHandler.HANDLER + "}"));
    }

    private static void push(String queue, String payload) {
        redis.ask("SADD", "resque:queues", queue);
        redis.ask("RPUSH", "resque:queue:" + queue, payload);
    }

    private static void awaitProcessed(long count) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(count));
    }

    private static String failed() {
        return String.join("\n", redis.list("LRANGE", "resque:failed", "0", "-1"));
    }

    private Processor noting(String as) {
        return exchange -> done.add(as + " "
                + new String(exchange.getMessage().getBody(byte[].class), StandardCharsets.UTF_8) + " "
                + exchange.getMessage().getHeader("X-Resque-Queue") + " "
                + exchange.getMessage().getHeader("X-Resque-Class"));
    }

    /** From look to look at an empty queue the pause doubles, up to the interval: sixteen looks in a minute, at most. */
    @Test
    void whoHasALongIntervalLooksSeldomAtAnEmptyQueue() throws Exception {
        int jobs = 40;
        route("patient", "resque:q?interval=600000", route -> route.process(noting("patient")));
        push("q", "{\"class\":\"First\",\"args\":[]}");
        awaitProcessed(1);
        route("quick", "resque:q?interval=20", route -> route.process(noting("quick")));

        for (int job = 1; job <= jobs; job++) {
            push("q", "{\"class\":\"Next\",\"args\":[" + job + "]}");
            awaitProcessed(1 + job);
        }

        assertThat(done.stream().filter(line -> line.startsWith("quick "))).hasSizeGreaterThan(jobs - 17);
    }

    @Test
    void aBeanAndARouteOfTheClasssNameDoTheirJobs() throws Exception {
        camel.getRegistry().bind("Hello", noting("bean"));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:Billing::Charge").process(noting("route"));
            }
        });
        handlers("resque:high,low?concurrency=1");
        push("low", "{\"class\":\"Billing::Charge\",\"args\":[12345678901234567890, 1.10]}");
        push("high", "{\"class\":\"Hello\"}");
        awaitProcessed(2);

        assertThat(done)
                .containsExactlyInAnyOrder(
                        "bean [] high Hello", "route [12345678901234567890, 1.10] low Billing::Charge");
        assertThat(redis.number("EXISTS", "resque:failed")).isZero();
    }

    @Test
    void anExceptionFailsTheJob() throws Exception {
        camel.getRegistry().bind("Hello", (Processor) exchange -> {
            throw new IllegalStateException("not today");
        });
        handlers("resque:*");
        push("q", "{\"class\":\"Hello\",\"args\":[]}");
        awaitProcessed(1);

        assertThat(failed()).contains("\"exception\":\"java.lang.IllegalStateException\",\"error\":\"not today\"");
        assertThat(redis.number("GET", "resque:stat:failed")).isEqualTo(1);
    }

    @Test
    void aFunctionsBadAnswerFailsTheJobThatWasRunAtOnce() throws Exception {
        route(
                "resque:q",
                route -> route.process(exchange -> {
                    int status = new String(exchange.getMessage().getBody(byte[].class), StandardCharsets.UTF_8)
                                    .equals("[1]")
                            ? 302
                            : 500;
                    exchange.getMessage().setHeader(CaravanHeaders.FUNCTION, "hello");
                    exchange.setProperty(
                            CaravanHeaders.FUNCTION_ANSWER,
                            new FunctionAnswer(
                                    status, Map.of(), "oh\n".getBytes(StandardCharsets.UTF_8), 3, Duration.ZERO));
                }));
        push("q", "{\"class\":\"Hello\",\"args\":[1]}");
        push("q", "{\"class\":\"Hello\",\"args\":[2]}");
        awaitProcessed(2);

        assertThat(failed().lines()).hasSize(1);
        assertThat(failed()).contains("\"args\":[2]", "hello answered 500: oh", "\"httpStatus\":500");
    }

    private static final class Busy extends RuntimeException implements Refusal {

        private static final long serialVersionUID = 1L;

        @Override
        public boolean forNow() {
            return true;
        }
    }

    @Test
    void aJobThatNobodyCouldTakeIsTriedAgain() throws Exception {
        route(
                "resque:q",
                route -> route.process(exchange -> {
                    done.add("try");
                    if (done.size() == 1) {
                        throw new Busy();
                    }
                }));
        push("q", "{\"class\":\"Hello\",\"args\":[1]}");
        awaitProcessed(1);

        assertThat(done).hasSize(2);
        assertThat(redis.number("EXISTS", "resque:failed")).isZero();
    }

    @Test
    void aStoppedRouteTakesNothingAndAStartedOneGoesOn() throws Exception {
        route("resque:q", route -> route.process(noting("job")));
        push("q", "{\"class\":\"Hello\",\"args\":[1]}");
        awaitProcessed(1);
        camel.getRouteController().stopRoute("jobs");
        await().atMost(Duration.ofSeconds(60)).until(() -> redis.number("SCARD", "resque:workers") == 0);
        push("q", "{\"class\":\"Hello\",\"args\":[2]}");
        camel.getRouteController().startRoute("jobs");

        awaitProcessed(2);
    }

    @Test
    void whatDoesNotFinishInTimeGoesBackWhenAllStops() throws Exception {
        var held = new CountDownLatch(1);
        route(
                "resque:q",
                route -> route.process(exchange -> {
                    done.add("begun");
                    held.await();
                }));
        String payload = "{\"class\":\"Hello\",\"args\":[1], \"id\":7}";
        push("q", payload);
        await().atMost(Duration.ofSeconds(60)).until(() -> done.size() == 1);
        camel.stop();

        assertThat(redis.list("LRANGE", "resque:queue:q", "0", "-1")).containsExactly(payload);
        assertThat(redis.number("SCARD", "resque:workers")).isZero();
        assertThat(redis.number("EXISTS", "resque:stat:processed")).isZero();
    }

    @Test
    void theProcessIsToEndWhenTheQueuesAreEmptyAndTheRouteSaysSo() throws Exception {
        push("q", "{\"class\":\"Hello\",\"args\":[1]}");
        route(
                "resque:q?exitOnComplete=true&useNumber=true&connections=4&interval=10",
                route -> route.process(noting("job")));

        assertThat(exit.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(done).containsExactly("job [1] q Hello");
    }

    @Test
    void anotherNamespaceIsAnotherResque() throws Exception {
        route("resque:q?namespace=resque:GitHub", route -> route.process(noting("job")));
        push("q", "{\"class\":\"Hello\",\"args\":[1]}");
        redis.ask("RPUSH", "resque:GitHub:queue:q", "{\"class\":\"Other\",\"args\":[]}");
        await().atMost(Duration.ofSeconds(60)).until(() -> !done.isEmpty());

        assertThat(done).containsExactly("job [] q Other");
    }

    @Test
    void aRoutePutsAJobOnAQueue() {
        camel.createProducerTemplate()
                .sendBodyAndHeader("resque:mail?jobClass=SendMail", "[\"a@b\", 12345678901234567890]", "x", 1);
        camel.createProducerTemplate()
                .sendBodyAndHeaders("resque:*", null, Map.of("X-Resque-Queue", "other", "X-Resque-Class", "Ping"));
        camel.createProducerTemplate().sendBodyAndHeader("resque:mail?jobClass=SendMail", "[]", "X-Delay", "1h");

        assertThat(redis.list("LRANGE", "resque:queue:mail", "0", "-1"))
                .containsExactly("{\"class\":\"SendMail\",\"args\":[\"a@b\",12345678901234567890]}");
        assertThat(redis.list("LRANGE", "resque:queue:other", "0", "-1"))
                .containsExactly("{\"class\":\"Ping\",\"args\":[]}");
        assertThat(redis.number("ZCARD", "resque:delayed_queue_schedule")).isEqualTo(1);
    }

    @Test
    void whatIsNoJobIsNotPutThere() {
        assertThatThrownBy(() -> camel.createProducerTemplate().sendBody("resque:mail?jobClass=SendMail", "{}"))
                .isInstanceOf(CamelExecutionException.class)
                .hasRootCauseMessage("the arguments of a job are a JSON array");
        assertThatThrownBy(() -> camel.createProducerTemplate().sendBody("resque:mail", "[]"))
                .hasRootCauseMessage("a job needs a class");
        assertThat(redis.list("KEYS", "*")).isEmpty();
    }

    @Test
    void queuesThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> route("resque:a=x", route -> route.process(noting("job"))))
                .hasRootCauseMessage("the weight in \"a=x\" must be a number up to 1000");
    }
}
