package dev.caravan.gateway;

import dev.caravan.gateway.auth.Rights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which of the system's routes keep to what somebody may see. A route that stands in neither list is closed to everybody
 * of whom something is hidden, so one that is new shows nothing by oversight.
 */
enum Honours {
    /** Shows and touches only what belongs to functions that he sees, and bodies only if he sees bodies. */
    FUNCTIONS_AND_BODIES,
    /** Shows no bodies, but does not tell functions apart. */
    BODIES;

    private static final Map<String, Honours> ROUTES = new HashMap<>();

    static {
        put(
                FUNCTIONS_AND_BODIES,
                "GET /system/session",
                "POST /system/session",
                "DELETE /system/session",
                "GET /system/info",
                "GET /system/functions",
                "GET /system/function/{name}",
                "GET /system/function/{name}/limits",
                "PUT /system/function/{name}/limits",
                "GET /function",
                "GET /system/logs",
                "GET /system/namespaces",
                "GET /system/namespace/{name}",
                "GET /system/namespaces/{name}",
                "GET /system/calls",
                "GET /system/calls/{id}",
                "GET /system/calls/{id}/edits",
                "GET /system/calls/{id}/request",
                "GET /system/async-report/{id}",
                "GET /system/events",
                "GET /system/history",
                "GET /system/alerts",
                "GET /system/queues",
                "POST /system/queues/{name}/pause",
                "POST /system/queues/{name}/resume",
                "POST /system/queues/{name}/drain",
                "DELETE /system/queues/{name}/messages",
                "GET /system/dead-letters",
                "GET /system/dead-letters/groups",
                "GET /system/dead-letters/counts",
                "GET /system/dead-letters/export",
                "POST /system/dead-letters/import",
                "POST /system/dead-letters/replay",
                "DELETE /system/dead-letters",
                "GET /system/dead-letters/{id}",
                "POST /system/dead-letters/{id}/replay",
                "POST /system/dead-letters/{id}/move",
                "POST /system/dead-letters/{id}/restore",
                "DELETE /system/dead-letters/{id}",
                "GET /system/jobs",
                "GET /system/jobs/{id}",
                "POST /system/jobs/{id}/pause",
                "POST /system/jobs/{id}/resume",
                "DELETE /system/jobs/{id}",
                "GET /system/audit",
                "GET /system/audit/export",
                "GET /system/stats.txt");
        put(
                BODIES,
                "GET /system/routes",
                "GET /system/routes/{id}",
                "GET /system/routes/{id}/source",
                "GET /system/settings",
                "GET /system/secrets",
                "GET /system/views",
                "PUT /system/views",
                "DELETE /system/views",
                "POST /system/queues/{name}/concurrency",
                "DELETE /system/queues/{name}/concurrency",
                "POST /system/async-report",
                "POST /system/alert",
                "GET /system/resque",
                "GET /system/resque/queues",
                "GET /system/resque/stats.txt",
                "POST /system/resque/pause",
                "POST /system/resque/resume",
                "POST /resque/{queue}");
    }

    private static void put(Honours honours, String... routes) {
        List.of(routes).forEach(route -> ROUTES.put(route, honours));
    }

    /** Of a route of the system's; empty when it keeps to nothing. */
    static Optional<Honours> of(String verb, String path) {
        return Optional.ofNullable(ROUTES.get((verb.equals("HEAD") ? "GET" : verb) + " " + path));
    }

    /** Whether a path is one of the system's; what is behind another is for its own route's {@code group} to say. */
    static boolean concerns(String path) {
        return path.startsWith("/system/") || path.startsWith("/resque") || path.equals("/function");
    }

    /** Whether somebody may ask a route. */
    static boolean opens(String verb, String path, Rights rights) {
        if (rights.allFunctions() && rights.bodies() || !concerns(path)) {
            return true;
        }
        return of(verb, path)
                .map(honours -> honours == FUNCTIONS_AND_BODIES || rights.allFunctions())
                .orElse(false);
    }
}
