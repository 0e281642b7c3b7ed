package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.FunctionScope;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.ReplayJob;
import dev.caravan.ledger.ReplayJob.Progress;
import dev.caravan.ledger.ReplayJob.State;
import dev.caravan.ledger.ReplayJobs;
import dev.caravan.letters.ReplayRunner;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean {@code replayJobs} behind {@code /system/dead-letters/replay} and {@code /system/jobs}: replays many dead
 * letters, and says how far it is. Answers JSON; errors as {@code application/problem+json} (RFC 9457).
 */
public final class ReplayJobsApi {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayJobsApi.class);

    /** In place of {@code running}, for a job whose time has not come. */
    private static final String SCHEDULED = "scheduled";

    private static final int SAMPLE = 20;
    private static final List<String> FIELDS = Stream.concat(
                    Stream.of("filter", "dryRun"), ReplayPlanJson.FIELDS.stream())
            .toList();

    private final Ledger ledger;
    private final ReplayJobs jobs;
    private final ReplayRunner runner;
    private final int replayLimit;
    private final Masks masks;
    private final String defaultNamespace;
    private final InstantSource clock;

    /**
     * @param replayLimit letters that have been replayed so often are refused, unless the job says otherwise
     * @param defaultNamespace of functions whose name says none
     */
    public ReplayJobsApi(
            Ledger ledger,
            ReplayRunner runner,
            int replayLimit,
            String defaultNamespace,
            Masks masks,
            InstantSource clock) {
        this.ledger = ledger;
        this.jobs = ledger.jobs();
        this.runner = runner;
        this.replayLimit = replayLimit;
        this.masks = masks;
        this.defaultNamespace = defaultNamespace;
        this.clock = clock;
    }

    /** 202 with the job and how many letters it has; a dry run: 200 with how many there would be, and some of them. */
    public void replayMany(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            JsonRequest request = JsonRequest.read(Answer.body(exchange.getMessage()));
            request.only(FIELDS);
            DeadLetterFilter filter = request.object("filter")
                    .map(asked -> LetterFilters.of(asked, new SearchBox(clock.instant(), masks.of(exchange))))
                    .orElseThrow(() -> JsonRequest.invalid("field \"filter\" is missing: {} means all dead letters"));
            var job = ReplayJob.asked(
                    UUID.randomUUID().toString(),
                    LetterFilters.json(filter).toString(),
                    ReplayPlanJson.read(request, clock.instant()),
                    clock.instant());
            if (request.flag("dryRun")) {
                Audit.nothing(exchange);
                return dryRun(job, filter);
            }
            Audit.subject(exchange, job.filter());
            return submitted(exchange, job, filter);
        });
    }

    private JsonAnswer submitted(Exchange exchange, ReplayJob asked, DeadLetterFilter filter) {
        ReplayJob job = runner.submit(asked, filter, replayLimit);
        Audit.affected(exchange, job.matched());
        return new JsonAnswer(202, JsonAnswer.object().put("job", job.id()).put("matched", job.matched()));
    }

    private JsonAnswer dryRun(ReplayJob job, DeadLetterFilter filter) {
        ObjectNode json = JsonAnswer.object()
                .put("matched", ledger.letters().count(filter))
                .put("refused", jobs.replayed(filter, job.plan().refusedFrom(replayLimit)))
                .put("cameBack", jobs.replayed(filter, 1));
        ArrayNode sample = json.putArray("sample");
        ledger.deadLetters(filter, SAMPLE, null).items().forEach(letter -> sample.add(LetterJson.summary(letter)));
        return new JsonAnswer(200, json);
    }

    /** An array, the newest first. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            ArrayNode all = JsonAnswer.object().putArray("jobs");
            jobs.newest().stream().filter(job -> sees(exchange, job)).forEach(job -> all.add(json(job)));
            return new JsonAnswer(200, all);
        });
    }

    /** One job with its progress. */
    public void show(Exchange exchange) {
        JsonAnswer.to(exchange, () -> new JsonAnswer(200, json(job(exchange))));
    }

    public void pause(Exchange exchange) {
        move(exchange, State.RUNNING, State.PAUSED);
    }

    public void resume(Exchange exchange) {
        move(exchange, State.PAUSED, State.RUNNING);
    }

    /** 202 with the job, the same when it is repeated; 409 when the job is over. */
    private void move(Exchange exchange, State from, State to) {
        JsonAnswer.to(exchange, () -> {
            String id = job(exchange).id();
            if (jobs.move(id, from, to)) {
                LOG.info("bulk replay {} job={}", to == State.PAUSED ? "paused" : "resumed", id);
            }
            ReplayJob job = job(exchange);
            if (job.state().over()) {
                throw new HttpFailure(409, "the job is over: " + job.state().word());
            }
            return new JsonAnswer(202, json(job));
        });
    }

    /** What it has replayed stays replayed: 202 with the job, the same when it is over. */
    public void cancel(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            String id = job(exchange).id();
            if (jobs.end(id, State.CANCELLED, null, clock.instant())) {
                LOG.info("bulk replay cancelled job={}", id);
            }
            return new JsonAnswer(202, json(job(exchange)));
        });
    }

    private ReplayJob job(Exchange exchange) {
        return jobs.find(exchange.getMessage().getHeader("id", "", String.class))
                .filter(job -> sees(exchange, job))
                .orElseThrow(() -> new HttpFailure(404, "there is no job with that id"));
    }

    /** A job is there for whoever sees all functions that its letters can be of. */
    private boolean sees(Exchange exchange, ReplayJob job) {
        FunctionScope seen = Asking.functions(exchange);
        return seen.isAll()
                || LetterFilters.reach(JsonAnswer.tree(job.filter()), defaultNamespace)
                        .isWithin(seen);
    }

    private ObjectNode json(ReplayJob job) {
        ObjectNode json = JsonAnswer.object()
                .put("id", job.id())
                .put("kind", "replay")
                .put(
                        "state",
                        job.scheduledAt(clock.instant())
                                ? SCHEDULED
                                : job.state().word());
        json.set("filter", JsonAnswer.tree(job.filter()));
        ReplayPlanJson.write(job.plan(), json);
        if (!job.plan().canaries().isEmpty()) {
            json.put("stage", job.stagesPassed() + 1);
        }
        Progress progress = jobs.progress(job.id());
        json.put("matched", job.matched())
                .put("waiting", progress.waiting())
                .put("replayed", progress.replayed())
                .put("refused", progress.refused())
                .put("gone", progress.gone())
                .put("succeeded", progress.succeeded())
                .put("failed", progress.failed())
                .put("inFlight", progress.inFlight())
                .put("createdAt", job.createdAt().toString());
        if (job.finishedAt() != null) {
            json.put("finishedAt", job.finishedAt().toString());
        }
        if (note(job, progress) != null) {
            json.put("note", note(job, progress));
        }
        return json;
    }

    private @Nullable String note(ReplayJob job, Progress progress) {
        if (job.note() != null || progress.refused() == 0) {
            return job.note();
        }
        return job.plan().skipReplayed()
                ? progress.refused() + " letters were refused: they have been replayed before and came back"
                : progress.refused() + " letters were refused: they have been replayed " + replayLimit
                        + " times or more and came back; \"force\" replays them too";
    }
}
