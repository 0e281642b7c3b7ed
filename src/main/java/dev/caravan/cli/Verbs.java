package dev.caravan.cli;

import static dev.caravan.cli.Param.field;
import static dev.caravan.cli.Param.flag;
import static dev.caravan.cli.Param.path;
import static dev.caravan.cli.Param.query;
import static dev.caravan.cli.Verb.doing;
import static dev.caravan.cli.Verb.get;

import dev.caravan.cli.Param.Kind;
import dev.caravan.cli.Param.Place;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** All verbs, in the order in which help shows them. */
final class Verbs {

    /** The verb that asks again and again until a job is over. */
    static final String FOLLOW = "follow";

    private static final Param CALL = path("ID", "id", "the call's id");
    private static final Param LETTER = path("ID", "id", "the letter's id: CALL-ID.GENERATION");
    private static final Param JOB = path("ID", "id", "the job's id");
    private static final Param QUEUE = path("NAME", "name", "the logical queue");
    private static final Param FUNCTION = path("NAME", "name", "NAME or NAME.NAMESPACE");
    private static final Param ROUTE = path("ID", "id", "the route's id");
    private static final Param FAILURE = path("ID", "id", "the failure's id");
    private static final Param WORDS = new Param(
            "WORDS", Place.QUERY, Kind.WORDS, "q", "what the console's search box takes: fn:hello http:5xx …");
    private static final Param FILTER_WORDS = new Param(
            "WORDS", Place.FILTER, Kind.WORDS, "q", "what the console's search box takes: fn:hello http:5xx …");
    private static final Param LIMIT =
            new Param("--limit", Place.QUERY, Kind.NUMBER, "limit", "how many; 50 when it is not said");
    private static final Param CURSOR = query("--cursor", "cursor", "where the page before ended");
    private static final Param SINCE = query("--since", "since", "then or later, as 2026-01-31T12:00:00Z");
    private static final Param UNTIL = query("--until", "until", "before then");
    private static final Param NAMESPACE = query("--namespace", "namespace", "of that namespace");
    private static final Param OF_FUNCTION = query("--function", "function", "only this function's");
    private static final Param REASON =
            new Param("--reason", Place.REASON, Kind.TEXT, "X-Reason", "why, for the audit");
    private static final Param YES = flag("--yes", Place.HERE, "", "without being asked");

    private Verbs() {}

    static final List<Verb> ALL = Stream.of(
                    calls(), letters(), jobs(), queues(), functions(), routes(), resque(), others())
            .flatMap(List::stream)
            .toList();

    private static List<Verb> calls() {
        String noun = "calls";
        return List.of(
                get(
                                noun,
                                "list",
                                "listCalls",
                                "/system/calls",
                                Shape.table(
                                        "items",
                                        "callId",
                                        "function",
                                        "status",
                                        "attempts",
                                        "statusCode",
                                        "submittedAt",
                                        "nextAttemptAt"),
                                "searches accepted calls, newest first")
                        .with(
                                WORDS,
                                OF_FUNCTION,
                                NAMESPACE,
                                query(
                                        "--status",
                                        "status",
                                        "scheduled, queued, running, retrying, succeeded, dead or" + " cancelled"),
                                query("--queue", "queue", "of that logical queue"),
                                SINCE,
                                UNTIL,
                                LIMIT,
                                CURSOR),
                get(noun, "show", "showCall", "/system/calls/{id}", Shape.RECORD, "shows one with its attempts")
                        .with(CALL),
                get(
                                noun,
                                "request",
                                "showCallRequest",
                                "/system/calls/{id}/request",
                                Shape.RECORD,
                                "shows what one was sent with")
                        .with(CALL),
                get(
                                noun,
                                "edits",
                                "showCallEdits",
                                "/system/calls/{id}/edits",
                                Shape.RECORD,
                                "shows what was edited when one was replayed")
                        .with(CALL),
                get(
                                noun,
                                "result",
                                "showCallResult",
                                "/async-function/{id}/result",
                                Shape.RAW,
                                "gives what the function answered")
                        .with(CALL, query("--wait", "wait", "how long to wait for it, as 30s")),
                doing(
                                noun,
                                "cancel",
                                "cancelCall",
                                "DELETE",
                                "/async-function/{id}",
                                "takes one back that waits or runs")
                        .with(CALL));
    }

    private static List<Verb> letters() {
        String noun = "letters";
        String letters = "/system/dead-letters";
        String letter = letters + "/{id}";
        return List.of(
                get(
                                noun,
                                "list",
                                "listDeadLetters",
                                letters,
                                Shape.table(
                                        "items",
                                        "id",
                                        "function",
                                        "reason",
                                        "statusCode",
                                        "attempts",
                                        "replays",
                                        "deadAt",
                                        "error"),
                                "searches dead letters, newest first")
                        .with(
                                WORDS,
                                OF_FUNCTION,
                                NAMESPACE,
                                query("--queue", "queue", "of that logical queue"),
                                query("--fingerprint", "fingerprint", "of that group"),
                                SINCE,
                                UNTIL,
                                LIMIT,
                                CURSOR),
                get(
                                noun,
                                "groups",
                                "groupDeadLetters",
                                letters + "/groups",
                                Shape.table(
                                        "",
                                        "count",
                                        "function",
                                        "reason",
                                        "statusCode",
                                        "lastAt",
                                        "fingerprint",
                                        "error"),
                                "counts what died of the same")
                        .with(WORDS, OF_FUNCTION, NAMESPACE, SINCE, UNTIL),
                get(noun, "show", "showDeadLetter", letter, Shape.RECORD, "shows one with headers, body and history")
                        .with(LETTER),
                doing(noun, "replay", "replayDeadLetter", "POST", letter + "/replay", "sends its call round again")
                        .with(
                                LETTER,
                                field("--body", Kind.FILE, "body", "with this body in place of its own"),
                                new Param(
                                        "--header",
                                        Place.HEADERS,
                                        Kind.PAIR,
                                        "headers",
                                        "with this header; NAME= removes one"),
                                field("--function", Kind.TEXT, "function", "to this function"),
                                REASON),
                doing(
                                noun,
                                "replay-many",
                                "replayDeadLetters",
                                "POST",
                                letters + "/replay",
                                "starts a job that replays all that match; no words mean all there are")
                        .with(
                                FILTER_WORDS,
                                new Param("--function", Place.FILTER, Kind.TEXT, "function", "only this function's"),
                                new Param("--fingerprint", Place.FILTER, Kind.TEXT, "fingerprint", "of that group"),
                                flag("--dry-run", Place.FIELD, "dryRun", "only tells how many, and shows some"),
                                field("--rate", Kind.NUMBER, "ratePerSecond", "so many a second"),
                                field("--canary", Kind.NUMBERS, "canaries", "so many first, and on when all succeeded"),
                                field(
                                        "--stop-at-failure-rate",
                                        Kind.NUMBER,
                                        "stopAtFailureRate",
                                        "stop when this share of them fails again, 0 to 1"),
                                field("--max-in-flight", Kind.NUMBER, "maxInFlight", "so many under way at once"),
                                field("--start-at", Kind.TEXT, "startAt", "not before, as 2026-01-31T03:00:00Z"),
                                flag("--skip-replayed", Place.FIELD, "skipReplayed", "leave out those that came back"),
                                flag("--force", Place.FIELD, "force", "also those that came back too often"),
                                REASON),
                doing(noun, "move", "moveDeadLetter", "POST", letter + "/move", "lets its call be another function's")
                        .with(LETTER, field("FUNCTION", Kind.TEXT, "function", "to this function"), REASON),
                doing(noun, "delete", "deleteDeadLetter", "DELETE", letter, "deletes one; restore undoes it")
                        .with(LETTER, REASON),
                doing(
                                noun,
                                "delete-many",
                                "deleteDeadLetters",
                                "DELETE",
                                letters,
                                "deletes all that match; no words need --confirm with how many there are")
                        .asking("delete all dead letters that match?")
                        .with(
                                WORDS,
                                OF_FUNCTION,
                                query("--fingerprint", "fingerprint", "of that group"),
                                SINCE,
                                UNTIL,
                                new Param("--confirm", Place.QUERY, Kind.NUMBER, "confirm", "how many there are"),
                                REASON,
                                YES),
                doing(noun, "restore", "restoreDeadLetter", "POST", letter + "/restore", "undoes a deletion")
                        .with(LETTER, REASON),
                get(
                                noun,
                                "export",
                                "exportDeadLetters",
                                letters + "/export",
                                Shape.RAW,
                                "writes all that match as NDJSON, or as a table or a script")
                        .with(WORDS, OF_FUNCTION, query("--format", "format", "ndjson, csv or curl"), SINCE, UNTIL),
                doing(noun, "import", "importDeadLetters", "POST", letters + "/import", "puts exported ones back")
                        .with(new Param("FILE", Place.BODY, Kind.FILE, "", "NDJSON as export writes it"), REASON));
    }

    private static List<Verb> jobs() {
        String noun = "jobs";
        String job = "/system/jobs/{id}";
        return List.of(
                get(
                        noun,
                        "list",
                        "listJobs",
                        "/system/jobs",
                        Shape.table(
                                "",
                                "id",
                                "state",
                                "matched",
                                "replayed",
                                "succeeded",
                                "failed",
                                "inFlight",
                                "createdAt",
                                "note"),
                        "lists bulk replays, newest first"),
                get(noun, "show", "showJob", job, Shape.RECORD, "shows how far one is")
                        .with(JOB),
                get(
                                noun,
                                FOLLOW,
                                "showJob",
                                job,
                                Shape.RECORD,
                                "shows how far one is until it is over; exit 1 when it was stopped or cancelled")
                        .with(JOB),
                doing(noun, "pause", "pauseJob", "POST", job + "/pause", "lets one wait")
                        .with(JOB, REASON),
                doing(noun, "resume", "resumeJob", "POST", job + "/resume", "lets it go on")
                        .with(JOB, REASON),
                doing(noun, "cancel", "cancelJob", "DELETE", job, "ends one").with(JOB, REASON));
    }

    private static List<Verb> queues() {
        String noun = "queues";
        String queue = "/system/queues/{name}";
        return List.of(
                get(
                        noun,
                        "list",
                        "listQueues",
                        "/system/queues",
                        Shape.table(
                                "",
                                "name",
                                "depth",
                                "running",
                                "scheduled",
                                "deadLetters",
                                "oldestAgeSeconds",
                                "consumers",
                                "concurrency",
                                "paused",
                                "pausedFunctions"),
                        "lists the logical queues"),
                doing(noun, "pause", "pauseQueue", "POST", queue + "/pause", "takes nothing more from one")
                        .with(QUEUE, OF_FUNCTION, NAMESPACE, REASON),
                doing(noun, "resume", "resumeQueue", "POST", queue + "/resume", "lets it go on")
                        .with(QUEUE, OF_FUNCTION, NAMESPACE, REASON),
                doing(noun, "drain", "drainQueue", "POST", queue + "/drain", "pauses it and lets finish what runs")
                        .with(QUEUE, OF_FUNCTION, NAMESPACE, REASON),
                doing(noun, "purge", "purgeQueue", "DELETE", queue + "/messages", "cancels all that waits in it")
                        .asking("cancel all calls that wait in this queue?")
                        .with(QUEUE, OF_FUNCTION, NAMESPACE, REASON, YES),
                doing(
                                noun,
                                "limit",
                                "limitQueue",
                                "POST",
                                queue + "/concurrency",
                                "says how many of its calls run at once")
                        .with(QUEUE, field("N", Kind.NUMBER, "concurrency", "so many, on each node"), REASON),
                doing(
                                noun,
                                "unlimit",
                                "unlimitQueue",
                                "DELETE",
                                queue + "/concurrency",
                                "leaves that to its route again")
                        .with(QUEUE, REASON));
    }

    private static List<Verb> functions() {
        String noun = "functions";
        return List.of(
                get(
                                noun,
                                "list",
                                "listFunctions",
                                "/system/functions",
                                Shape.table(
                                        "",
                                        "name",
                                        "namespace",
                                        "replicas",
                                        "availableReplicas",
                                        "invocationCount",
                                        "image"),
                                "lists functions")
                        .with(NAMESPACE),
                get(noun, "show", "describeFunction", "/system/function/{name}", Shape.RECORD, "describes one")
                        .with(FUNCTION),
                doing(
                                noun,
                                "scale",
                                "scaleFunction",
                                "POST",
                                "/system/scale-function/{name}",
                                "sets the number of its replicas")
                        .with(FUNCTION, field("N", Kind.NUMBER, "replicas", "so many"), REASON),
                get(
                                noun,
                                "limits",
                                "showFunctionLimits",
                                "/system/function/{name}/limits",
                                Shape.RECORD,
                                "shows how many of its calls run at once, and how often it is given one")
                        .with(FUNCTION),
                doing(
                                noun,
                                "limit",
                                "limitFunction",
                                "PUT",
                                "/system/function/{name}/limits",
                                "says so; what is left out is as deployed again")
                        .with(
                                FUNCTION,
                                field("--concurrency", Kind.TEXT, "concurrency", "so many at once, or none"),
                                field("--rate", Kind.TEXT, "rate", "as 10/s, or none"),
                                REASON),
                get(noun, "logs", "readLogs", "/system/logs", Shape.LOG, "tells what its replicas wrote")
                        .with(
                                query("NAME", "name", "NAME or NAME.NAMESPACE"),
                                flag("--follow", Place.QUERY, "follow", "goes on with what they write"),
                                new Param("--tail", Place.QUERY, Kind.NUMBER, "tail", "only so many lines before"),
                                SINCE));
    }

    private static List<Verb> routes() {
        String noun = "routes";
        String route = "/system/routes/{id}";
        return List.of(
                get(
                        noun,
                        "list",
                        "listRoutes",
                        "/system/routes",
                        Shape.table("", "id", "state", "exchanges", "failures", "meanMillis", "file"),
                        "lists the routes of the node"),
                get(noun, "show", "showRoute", route, Shape.RECORD, "shows one with its steps")
                        .with(ROUTE),
                get(noun, "source", "showRouteSource", route + "/source", Shape.RAW, "gives the text of its file")
                        .with(ROUTE),
                doing(
                                noun,
                                "validate",
                                "validateRoute",
                                "POST",
                                "/system/routes/validate",
                                "says what is wrong with a text")
                        .as(Shape.table("", "file", "line", "column", "message", "suggestion"))
                        .with(
                                new Param("FILE", Place.BODY, Kind.FILE, "", "YAML"),
                                query("--file", "file", "the file that it is meant for, below the routes folder")),
                doing(noun, "start", "startRoute", "POST", route + "/start", "lets one take messages again")
                        .with(ROUTE, REASON),
                doing(noun, "stop", "stopRoute", "POST", route + "/stop", "has one take nothing more")
                        .with(ROUTE, REASON));
    }

    private static List<Verb> resque() {
        String noun = "resque";
        String resque = "/system/resque";
        String failure = resque + "/failures/{id}";
        return List.of(
                get(
                        noun,
                        "show",
                        "showResque",
                        resque,
                        Shape.RECORD,
                        "counts what is in Redis, and what was done here"),
                get(
                        noun,
                        "queues",
                        "listResqueQueues",
                        resque + "/queues",
                        Shape.table("", "name", "depth", "problem"),
                        "lists Resque's queues"),
                get(
                        noun,
                        "workers",
                        "listResqueWorkers",
                        resque + "/workers",
                        Shape.table("", "id", "processed", "failed", "started", "heartbeat", "problem"),
                        "lists who takes from them"),
                get(
                                noun,
                                "delayed",
                                "listResqueDelayedJobs",
                                resque + "/delayed",
                                Shape.table("items", "at", "jobs", "class", "args", "problem"),
                                "lists when delayed jobs are due")
                        .with(LIMIT),
                get(
                                noun,
                                "failures",
                                "listResqueFailures",
                                resque + "/failures",
                                Shape.table(
                                        "items",
                                        "id",
                                        "queue",
                                        "class",
                                        "exception",
                                        "error",
                                        "failedAt",
                                        "retriedAt",
                                        "callId"),
                                "lists jobs that failed, newest first")
                        .with(LIMIT, CURSOR),
                doing(noun, "retry", "retryResqueFailure", "POST", failure + "/retry", "puts one on its queue again")
                        .with(FAILURE, REASON),
                doing(noun, "delete", "deleteResqueFailure", "DELETE", failure, "removes the record of one")
                        .with(FAILURE, REASON),
                doing(noun, "clear", "deleteResqueFailures", "DELETE", resque + "/failures", "removes all records")
                        .asking("remove all records of failures?")
                        .with(
                                new Param("--confirm", Place.QUERY, Kind.NUMBER, "confirm", "how many there are"),
                                REASON,
                                YES),
                doing(noun, "pause", "pauseResque", "POST", resque + "/pause", "lets all workers of this Redis pause")
                        .with(REASON),
                doing(noun, "resume", "resumeResque", "POST", resque + "/resume", "lets them go on")
                        .with(REASON),
                get(
                        noun,
                        "stats",
                        "showResqueStats",
                        resque + "/stats.txt",
                        Shape.RAW,
                        "gives the numbers that resque-web gives"));
    }

    private static List<Verb> others() {
        Shape audit = Shape.table("items", "at", "user", "action", "request", "affected", "status", "reason");
        return List.of(
                get(
                        "alerts",
                        "list",
                        "showAlerts",
                        "/system/alerts",
                        Shape.table("firing", "since", "text"),
                        "shows what is wrong by the rules"),
                get("audit", "list", "showAudit", "/system/audit", audit, "lists what operators did, newest first")
                        .with(
                                query("--user", "user", "only what he did"),
                                query("--action", "action", "only that, by the name of its route"),
                                SINCE,
                                UNTIL,
                                LIMIT,
                                CURSOR),
                get("audit", "export", "exportAudit", "/system/audit/export", Shape.RAW, "writes all of it out")
                        .with(query("--format", "format", "ndjson or csv"), SINCE, UNTIL),
                get(
                                "events",
                                "watch",
                                "watchEvents",
                                "/system/events",
                                Shape.RAW,
                                "tells what happens as it happens, until Ctrl-C")
                        .with(
                                query("--types", "types", "some of call,callback,queue,deployment"),
                                OF_FUNCTION,
                                NAMESPACE),
                get("stats", "show", "showStats", "/system/stats.txt", Shape.RAW, "gives a few numbers as plain text"),
                get("settings", "list", "showSettings", "/system/settings", Shape.RECORD, "lists the node's settings"),
                get("info", "show", "showInfo", "/system/info", Shape.RECORD, "names the provider and the versions"),
                get("session", "show", "showSession", "/system/session", Shape.RECORD, "says who you are and may see"));
    }

    static Stream<Verb> of(String noun) {
        return ALL.stream().filter(verb -> verb.noun().equals(noun));
    }

    static Optional<Verb> find(String noun, String word) {
        return of(noun).filter(verb -> verb.word().equals(word)).findFirst();
    }
}
