package dev.caravan.cli;

import static dev.caravan.cli.CommonParams.CURSOR;
import static dev.caravan.cli.CommonParams.LIMIT;
import static dev.caravan.cli.CommonParams.NAMESPACE;
import static dev.caravan.cli.CommonParams.OF_FUNCTION;
import static dev.caravan.cli.CommonParams.REASON;
import static dev.caravan.cli.CommonParams.SINCE;
import static dev.caravan.cli.CommonParams.UNTIL;
import static dev.caravan.cli.CommonParams.WORDS;
import static dev.caravan.cli.CommonParams.YES;
import static dev.caravan.cli.Param.field;
import static dev.caravan.cli.Param.flag;
import static dev.caravan.cli.Param.path;
import static dev.caravan.cli.Param.query;
import static dev.caravan.cli.Verb.doing;
import static dev.caravan.cli.Verb.get;

import dev.caravan.cli.Param.Kind;
import dev.caravan.cli.Param.Place;
import java.util.List;

/** What is done about calls: those that are accepted, those that are dead, and bulk replays of these. */
final class CallVerbs {

    private static final Param CALL = path("ID", "id", "the call's id");
    private static final Param LETTER = path("ID", "id", "the letter's id: CALL-ID.GENERATION");
    private static final Param JOB = path("ID", "id", "the job's id");
    private static final Param FILTER_WORDS = new Param(
            "WORDS", Place.FILTER, Kind.WORDS, "q", "what the console's search box takes: fn:hello http:5xx …");

    private CallVerbs() {}

    static List<Verb> calls() {
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

    static List<Verb> letters() {
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

    static List<Verb> jobs() {
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
                                Verbs.FOLLOW,
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
}
