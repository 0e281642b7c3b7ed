package dev.caravan.component.resque;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.FunctionAnswer;
import dev.caravan.component.Refusal;
import dev.caravan.resque.Failure;
import dev.caravan.resque.Job;
import dev.caravan.resque.QueueList;
import dev.caravan.resque.ResqueWorker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.spi.ExecutorServiceManager;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the route for each job, and tells what came of it: a route that queued a call of Caravan's is through when that
 * call is; any other is when it ends, well or with an exception or a function's bad answer. A call that nobody could take
 * just now (429, 503) puts the job back.
 */
final class ResqueConsumer extends DefaultConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(ResqueConsumer.class);

    private final ResqueEndpoint endpoint;
    private final QueueList queues;
    private @Nullable ResqueWorker worker;
    private @Nullable ExecutorService threads;

    ResqueConsumer(ResqueEndpoint endpoint, Processor processor, QueueList queues) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.queues = queues;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ExecutorServiceManager manager = endpoint.getCamelContext().getExecutorServiceManager();
        ExecutorService before = threads;
        if (before != null) {
            // What it still runs it runs to its end.
            manager.shutdown(before);
        }
        ExecutorService places = manager.newFixedThreadPool(this, "resque-job", endpoint.getConcurrency());
        threads = places;
        var handler = new Handler(places);
        ResqueWorker started = endpoint.getComponent()
                .resque()
                .worker(
                        endpoint.keys(),
                        queues,
                        new ResqueWorker.Options(
                                endpoint.getConcurrency(),
                                Duration.ofMillis(endpoint.getInterval()),
                                endpoint.isExitOnComplete()
                                        ? endpoint.getComponent().exit()
                                        : null),
                        handler::handOn);
        handler.worker = started;
        worker = started;
        started.start();
    }

    /** Takes nothing any more; what runs is left to finish, and then its worker leaves by itself. */
    @Override
    protected void doStop() throws Exception {
        ResqueWorker stopping = worker;
        if (stopping != null) {
            stopping.stop();
        }
        super.doStop();
    }

    /** Camel has waited as long as it may: what is not finished goes back. */
    @Override
    protected void doShutdown() throws Exception {
        ResqueWorker left = worker;
        ExecutorService places = threads;
        if (left != null) {
            left.close();
        }
        if (places != null) {
            endpoint.getCamelContext().getExecutorServiceManager().shutdownNow(places);
        }
        super.doShutdown();
    }

    /** What one start of the route needs: a route may be started again while its jobs of before are still running. */
    private final class Handler {

        private final ExecutorService places;
        private @Nullable ResqueWorker worker;

        Handler(ExecutorService places) {
            this.places = places;
        }

        void handOn(Job job) {
            places.execute(() -> run(job));
        }

        private void run(Job job) {
            ResqueWorker of = Objects.requireNonNull(worker, "a job comes from a worker that runs");
            Exchange exchange = createExchange(false);
            try {
                fill(exchange.getMessage(), job);
                try {
                    getProcessor().process(exchange);
                } catch (Exception e) {
                    exchange.setException(e);
                }
                tell(of, job, exchange);
            } catch (RuntimeException e) {
                // The job is over, or handed over; only the word of it got lost, and is found again.
                LOG.warn("what became of a job could not be told queue={} error=\"{}\"", job.queue(), e.getMessage());
            } finally {
                releaseExchange(exchange, false);
            }
        }
    }

    private static void fill(Message message, Job job) {
        message.setBody(job.payload().args().getBytes(StandardCharsets.UTF_8));
        message.setHeader(ResqueHeaders.CLASS, job.payload().jobClass());
        message.setHeader(ResqueHeaders.QUEUE, job.queue());
        message.setHeader("Content-Type", "application/json");
        // A call that is made of it has this id, by which it is found again after a crash.
        message.setHeader("X-Call-Id", job.token());
    }

    private static void tell(ResqueWorker worker, Job job, Exchange exchange) {
        Exception thrown = exchange.getException();
        String call = exchange.getMessage().getHeader(CaravanHeaders.CALL_ID, String.class);
        FunctionAnswer answer = exchange.getProperty(CaravanHeaders.FUNCTION_ANSWER, FunctionAnswer.class);
        if (thrown instanceof Refusal refusal && refusal.forNow()) {
            LOG.info("no job is taken for a moment queue={} reason=\"{}\"", job.queue(), thrown.getMessage());
            worker.giveBack(job);
        } else if (thrown != null) {
            worker.failed(job, Failure.of(thrown));
        } else if (call != null) {
            worker.handedOver(job, call);
        } else if (answer != null && (answer.status() < 200 || answer.status() > 399)) {
            worker.failed(job, answered(answer, exchange));
        } else {
            worker.done(job);
        }
    }

    private static Failure answered(FunctionAnswer answer, Exchange exchange) {
        String body = new String(answer.body(), StandardCharsets.UTF_8).strip();
        String function = exchange.getMessage().getHeader(CaravanHeaders.FUNCTION, "function", String.class);
        String error = function + " answered " + answer.status() + (body.isEmpty() ? "" : ": " + body);
        return new Failure("FunctionFailed", error, List.of(), Map.of("httpStatus", answer.status()));
    }
}
