package dev.caravan.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.resque.FailedJob;
import dev.caravan.resque.Payload;
import dev.caravan.resque.Payload.InvalidPayload;
import dev.caravan.resque.ResqueView.Delayed;
import dev.caravan.resque.ResqueView.Queue;
import dev.caravan.resque.ResqueView.Worker;
import java.nio.charset.StandardCharsets;

/** What stands in Resque's Redis as {@code /system/resque} shows it: texts are cut, and arguments are text, digit for digit. */
final class ResqueJson {

    private static final int LONGEST = 2_000;
    private static final int LINES = 100;
    private static final int LINE = 500;

    private final Masks.Sight sight;

    ResqueJson(Masks.Sight sight) {
        this.sight = sight;
    }

    static ObjectNode queue(Queue queue) {
        return said(
                JsonAnswer.object().put("name", queue.name()).put("depth", queue.depth()), "problem", queue.problem());
    }

    ObjectNode worker(Worker worker) {
        ObjectNode json = JsonAnswer.object()
                .put("id", worker.id())
                .put("processed", worker.processed())
                .put("failed", worker.failed());
        said(json, "started", worker.started());
        said(json, "heartbeat", worker.heartbeat());
        said(json, "problem", worker.problem());
        Payload job = worker.job();
        if (job != null) {
            ObjectNode working = json.putObject("working").put("queue", worker.queue());
            said(working, "runAt", worker.runAt());
            add(working, job);
        }
        return json;
    }

    ObjectNode delayed(Delayed delayed) {
        ObjectNode json = JsonAnswer.object().put("jobs", delayed.jobs());
        if (delayed.at() == null) {
            said(json, "problem", "its time is no number of seconds");
        } else {
            json.put("at", delayed.at().toString());
        }
        try {
            add(json, Payload.read(delayed.first().getBytes(StandardCharsets.UTF_8)));
        } catch (InvalidPayload e) {
            said(json, "problem", "the first is no job: " + e.getMessage());
        }
        return json;
    }

    ObjectNode failure(FailedJob failure) {
        ObjectNode json = JsonAnswer.object().put("id", failure.id());
        failure.job().ifPresent(job -> add(json, job));
        json.put("canRetry", failure.canRetry());
        said(json, "queue", failure.text("queue"));
        said(json, "worker", failure.text("worker"));
        said(json, "failedAt", failure.text("failed_at"));
        said(json, "retriedAt", failure.retriedAt());
        said(json, "exception", failure.text("exception"));
        said(json, "error", failure.text("error"));
        said(json, "callId", failure.call());
        said(json, "problem", failure.problem());
        JsonNode lines = failure.record().path("backtrace");
        if (lines.isArray() && !lines.isEmpty()) {
            ArrayNode backtrace = json.putArray("backtrace");
            for (int i = 0; i < Math.min(LINES, lines.size()); i++) {
                backtrace.add(cut(lines.get(i).asText(), LINE));
            }
        }
        if (failure.job().isEmpty()) {
            String text = new String(failure.raw(), StandardCharsets.UTF_8);
            said(json, "text", sight.seesBodies() ? text : Masks.HIDDEN);
        }
        return json;
    }

    private void add(ObjectNode json, Payload job) {
        said(json, "class", job.jobClass());
        String args = new String(sight.body(job.args().getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
        said(json, "args", args);
    }

    private static ObjectNode said(ObjectNode json, String name, String text) {
        return text.isEmpty() ? json : json.put(name, cut(text, LONGEST));
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest) + "…";
    }
}
