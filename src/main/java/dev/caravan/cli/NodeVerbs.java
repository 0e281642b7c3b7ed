package dev.caravan.cli;

import static dev.caravan.cli.CommonParams.CURSOR;
import static dev.caravan.cli.CommonParams.LIMIT;
import static dev.caravan.cli.CommonParams.NAMESPACE;
import static dev.caravan.cli.CommonParams.OF_FUNCTION;
import static dev.caravan.cli.CommonParams.REASON;
import static dev.caravan.cli.CommonParams.SINCE;
import static dev.caravan.cli.CommonParams.UNTIL;
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

/** What is done about queues, functions and routes, and what else there is to ask. */
final class NodeVerbs {

    private static final Param QUEUE = path("NAME", "name", "the logical queue");
    private static final Param FUNCTION = path("NAME", "name", "NAME or NAME.NAMESPACE");
    private static final Param ROUTE = path("ID", "id", "the route's id");

    private NodeVerbs() {}

    static List<Verb> queues() {
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

    static List<Verb> functions() {
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

    static List<Verb> routes() {
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

    static List<Verb> others() {
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
}
