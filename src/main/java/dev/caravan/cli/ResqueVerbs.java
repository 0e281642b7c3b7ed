package dev.caravan.cli;

import static dev.caravan.cli.CommonParams.CURSOR;
import static dev.caravan.cli.CommonParams.LIMIT;
import static dev.caravan.cli.CommonParams.REASON;
import static dev.caravan.cli.CommonParams.YES;
import static dev.caravan.cli.Param.path;
import static dev.caravan.cli.Verb.doing;
import static dev.caravan.cli.Verb.get;

import dev.caravan.cli.Param.Kind;
import dev.caravan.cli.Param.Place;
import java.util.List;

/** What is done about Resque's Redis. */
final class ResqueVerbs {

    private static final Param FAILURE = path("ID", "id", "the failure's id");

    private ResqueVerbs() {}

    static List<Verb> resque() {
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
}
