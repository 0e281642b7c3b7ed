package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.resque.FailedJob;
import dev.caravan.resque.Failures.Retried;
import dev.caravan.resque.RedisException;
import dev.caravan.resque.Resque;
import dev.caravan.resque.ResqueView.Counters;
import dev.caravan.resque.ResqueView.Queue;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The bean {@code resqueJobs} behind {@code /system/resque}: what stands in Resque's Redis, whoever wrote it, and what an
 * operator does about it, as resque-web would. Answers JSON; errors as {@code application/problem+json} (RFC 9457), among
 * them 503 when Redis does not answer.
 */
public final class ResqueApi {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;
    private static final List<String> PAGE = List.of("limit", "cursor");

    private final @Nullable Resque resque;
    private final Predicate<String> replay;
    private final Masks masks;

    /**
     * @param resque null where there is none; then no route comes here
     * @param replay sends a dead call round again by its id; false when its letter is not here
     */
    public ResqueApi(@Nullable Resque resque, Predicate<String> replay, Masks masks) {
        this.resque = resque;
        this.replay = replay;
        this.masks = masks;
    }

    /** Counters, Resque's and this node's. */
    public void show(Exchange exchange) {
        answer(exchange, here -> new JsonAnswer(200, overview(here)));
    }

    private static ObjectNode overview(Resque here) {
        Counters counters = here.view().counters();
        List<Queue> queues = here.view().queues();
        ObjectNode json = JsonAnswer.object()
                .put("namespace", here.namespace().toString())
                .put("pending", pending(queues))
                .put("processed", counters.processed())
                .put("failed", counters.failed())
                .put("failures", counters.failures())
                .put("queues", queues.size())
                .put("workers", counters.workers())
                .put("working", counters.working())
                .put("delayed", counters.delayed())
                .put("calls", counters.handed())
                .put("paused", counters.paused());
        json.putObject("here")
                .put("taken", here.tally().taken())
                .put("processed", here.tally().processed())
                .put("failed", here.tally().failed())
                .put("running", here.tally().running());
        return json;
    }

    private static long pending(List<Queue> queues) {
        return queues.stream().mapToLong(Queue::depth).sum();
    }

    /** What waits on each queue. */
    public void queues(Exchange exchange) {
        answer(exchange, here -> {
            ArrayNode queues = JsonAnswer.object().putArray("queues");
            here.view().queues().forEach(queue -> queues.add(ResqueJson.queue(queue)));
            return new JsonAnswer(200, queues);
        });
    }

    /** Every worker that says it is there, and what it works on. */
    public void workers(Exchange exchange) {
        answer(exchange, here -> {
            var json = new ResqueJson(masks.of(exchange));
            ArrayNode workers = JsonAnswer.object().putArray("workers");
            here.view().workers().forEach(worker -> workers.add(json.worker(worker)));
            return new JsonAnswer(200, workers);
        });
    }

    /** {@code {items, total}}: when delayed jobs are due, the next first. */
    public void delayed(Exchange exchange) {
        answer(exchange, here -> {
            QueryParameters query = QueryParameters.of(exchange);
            query.only(List.of("limit"));
            var json = new ResqueJson(masks.of(exchange));
            ObjectNode page = JsonAnswer.object();
            ArrayNode items = page.putArray("items");
            here.view().delayed(limit(query)).forEach(second -> items.add(json.delayed(second)));
            return new JsonAnswer(200, page.put("total", here.view().counters().delayed()));
        });
    }

    /** {@code {items, next?, total}}: records of failures, the newest first. */
    public void failures(Exchange exchange) {
        answer(exchange, here -> {
            QueryParameters query = QueryParameters.of(exchange);
            query.only(PAGE);
            int limit = limit(query);
            List<FailedJob> found = here.failures().newest(below(query), limit);
            var json = new ResqueJson(masks.of(exchange));
            ObjectNode page = JsonAnswer.object();
            ArrayNode items = page.putArray("items");
            found.forEach(failure -> items.add(json.failure(failure)));
            long oldest = found.isEmpty() ? 0 : found.get(found.size() - 1).position();
            if (oldest > 0) {
                page.put("next", Long.toString(oldest));
            }
            return new JsonAnswer(200, page.put("total", here.failures().count()));
        });
    }

    private static long below(QueryParameters query) {
        String cursor = query.text("cursor").orElse("");
        if (cursor.isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (!cursor.matches("[0-9]{1,15}")) {
            throw new HttpFailure(400, "cursor must be the \"next\" of a page of this list");
        }
        return Long.parseLong(cursor);
    }

    private static int limit(QueryParameters query) {
        int limit = query.wholeNumber("limit", DEFAULT_LIMIT);
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new HttpFailure(400, "limit must be a number from 1 to " + MAX_LIMIT);
        }
        return limit;
    }

    /** The lines that resque-web answers to {@code /stats.txt}. */
    public void stats(Exchange exchange) {
        JsonAnswer.orProblem(exchange, () -> {
            String lines = asked(ResqueApi::lines);
            exchange.getMessage().removeHeaders("*");
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 200);
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/plain; charset=utf-8");
            exchange.getMessage().setBody(lines);
        });
    }

    private static String lines(Resque here) {
        Counters counters = here.view().counters();
        List<Queue> queues = here.view().queues();
        var lines = new StringBuilder()
                .append("resque.pending=")
                .append(pending(queues))
                .append("\nresque.processed+=")
                .append(counters.processed())
                .append("\nresque.failed+=")
                .append(counters.failures())
                .append("\nresque.workers=")
                .append(counters.workers())
                .append("\nresque.working=")
                .append(counters.working())
                .append('\n');
        queues.forEach(queue -> lines.append("queues.")
                .append(queue.name().replaceAll("\\p{Cntrl}+", " "))
                .append('=')
                .append(queue.depth())
                .append('\n'));
        return lines.toString();
    }

    /** Tries one again: 202 with whether its call goes round once more, or the job stands on its queue. */
    public void retry(Exchange exchange) {
        answer(exchange, here -> {
            FailedJob failure = failure(exchange, here);
            try {
                Retried retried = here.failures().retry(failure, replay);
                if (retried == Retried.GONE) {
                    throw gone();
                }
                boolean call = retried == Retried.CALL;
                ObjectNode json = JsonAnswer.object().put("retried", call ? "call" : "job");
                return new JsonAnswer(202, call ? json.put("callId", failure.call()) : json);
            } catch (IllegalArgumentException e) {
                throw new HttpFailure(409, String.valueOf(e.getMessage()));
            }
        });
    }

    /** Removes one record. */
    public void remove(Exchange exchange) {
        answer(exchange, here -> {
            FailedJob failure = failure(exchange, here);
            if (!here.failures().remove(failure)) {
                throw gone();
            }
            return new JsonAnswer(202, JsonAnswer.object().put("id", failure.id()));
        });
    }

    private static FailedJob failure(Exchange exchange, Resque here) {
        String id = exchange.getMessage().getHeader("id", "", String.class);
        FailedJob failure = here.failures().find(id).orElseThrow(ResqueApi::gone);
        Audit.subject(exchange, failure.job().map(job -> job.jobClass()).orElse("no job"));
        return failure;
    }

    private static HttpFailure gone() {
        return new HttpFailure(404, "there is no such failure: it was removed, or retried by somebody else");
    }

    /** Removes all records, when the request says how many that is. */
    public void clear(Exchange exchange) {
        answer(exchange, here -> {
            QueryParameters query = QueryParameters.of(exchange);
            query.only(List.of("confirm"));
            int confirmed = query.wholeNumber("confirm", -1);
            long count = here.failures().clear(confirmed);
            if (count != confirmed) {
                throw new HttpFailure(400, "say confirm=" + count + " to remove all of them");
            }
            Audit.affected(exchange, count);
            return new JsonAnswer(202, JsonAnswer.object().put("removed", count));
        });
    }

    /** Has all workers of Resque that heed it take nothing. */
    public void pause(Exchange exchange) {
        answer(exchange, here -> pause(exchange, here, true));
    }

    /** They take jobs again. */
    public void resume(Exchange exchange) {
        answer(exchange, here -> pause(exchange, here, false));
    }

    private static JsonAnswer pause(Exchange exchange, Resque here, boolean paused) {
        Audit.changed(exchange, word(here.view().counters().paused()), word(paused));
        here.view().pause(paused);
        return new JsonAnswer(202, overview(here));
    }

    private static String word(boolean paused) {
        return paused ? "paused" : "taken";
    }

    private void answer(Exchange exchange, Function<Resque, JsonAnswer> action) {
        JsonAnswer.to(exchange, () -> asked(action));
    }

    private <T> T asked(Function<Resque, T> action) {
        Resque here = resque;
        if (here == null) {
            throw new HttpFailure(503, "there is no Resque here, set CARAVAN_REDIS_URL");
        }
        try {
            return action.apply(here);
        } catch (RedisException e) {
            throw new HttpFailure(503, String.valueOf(e.getMessage()));
        }
    }
}
