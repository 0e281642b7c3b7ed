package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.gateway.auth.GrantFixture;
import dev.caravan.gateway.auth.Rights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Which routes somebody may ask of whom functions or bodies are hidden. Whoever adds a route below {@code /system} decides
 * it here: until then the route is closed to such people, and this test fails.
 */
class HonoursTest {

    private static final Rights SOME_FUNCTIONS = rights("viewer[a]");
    private static final Rights NO_BODIES = rights("viewer[-bodies]");

    private static final String FOR_ALL = "is filtered by function and body";
    private static final String WITHOUT_BODIES = "shows no bodies, but is about all functions";
    private static final String CLOSED = "is closed to both";

    /** By route. What an admin's role is needed for is closed to both: an admin cannot be limited. */
    private static final Map<String, List<String>> DECIDED = Map.of(
            FOR_ALL,
            List.of(
                    "show-session",
                    "sign-in",
                    "sign-out",
                    "show-info",
                    "list-functions",
                    "describe-function",
                    "show-function-limits",
                    "limit-function",
                    "list-built-functions",
                    "read-logs",
                    "list-namespaces",
                    "show-namespace",
                    "show-namespace-in-plural",
                    "list-calls",
                    "show-call",
                    "show-call-edits",
                    "show-call-request",
                    "show-async-report",
                    "watch-events",
                    "show-history",
                    "show-alerts",
                    "show-stats",
                    "list-queues",
                    "pause-queue",
                    "resume-queue",
                    "drain-queue",
                    "purge-queue",
                    "list-dead-letters",
                    "group-dead-letters",
                    "count-dead-letters",
                    "export-dead-letters",
                    "import-dead-letters",
                    "show-dead-letter",
                    "replay-dead-letter",
                    "replay-dead-letters",
                    "move-dead-letter",
                    "delete-dead-letter",
                    "delete-dead-letters",
                    "restore-dead-letter",
                    "list-jobs",
                    "show-job",
                    "pause-job",
                    "resume-job",
                    "cancel-job",
                    "show-audit",
                    "export-audit"),
            WITHOUT_BODIES,
            List.of(
                    "list-routes",
                    "show-route",
                    "show-route-source",
                    "show-settings",
                    "list-secrets",
                    "list-views",
                    "save-view",
                    "delete-view",
                    "limit-queue",
                    "unlimit-queue",
                    "report-async",
                    "alert",
                    "show-resque",
                    "list-resque-queues",
                    "show-resque-stats",
                    "pause-resque",
                    "resume-resque",
                    "enqueue-resque-job"),
            // Jobs are shown with their arguments, which are bodies.
            CLOSED,
            List.of(
                    "list-resque-workers",
                    "list-resque-delayed-jobs",
                    "list-resque-failures",
                    "retry-resque-failure",
                    "delete-resque-failure",
                    "delete-resque-failures"));

    record Served(String route, String verb, String path, String group) {}

    private static Rights rights(String text) {
        return GrantFixture.rights(text);
    }

    /** Every route of the folder that serves HTTP as the system's. */
    static List<Served> routes() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("routes"))) {
            return files.filter(file -> file.toString().endsWith(".camel.yaml"))
                    .sorted()
                    .flatMap(HonoursTest::served)
                    .filter(served -> Honours.concerns(served.path()))
                    .toList();
        }
    }

    private static Stream<Served> served(Path file) {
        try {
            String text = Files.readString(file);
            String path = found(text, "uri: platform-http:(\\S+)");
            String verbs = found(text, "httpMethodRestrict: (\\S+)");
            String id = found(text, "id: (\\S+)");
            String group = found(text, "\\n +group: (\\S+)");
            return path.isEmpty()
                    ? Stream.of()
                    : Stream.of((verbs.isEmpty() ? "POST" : verbs).split(","))
                            .map(verb -> new Served(id, verb, path, group));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String found(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    @TestFactory
    Stream<DynamicTest> everyRouteIsAsOpenAsWasDecided() throws IOException {
        var decided = new HashMap<String, String>();
        DECIDED.forEach((what, routes) -> routes.forEach(route -> decided.put(route, what)));

        return routes().stream()
                .filter(served -> !served.group().equals("public"))
                .map(served -> {
                    String what = decided.getOrDefault(
                            served.route(), served.group().equals("admin") ? CLOSED : "is not decided");
                    return DynamicTest.dynamicTest(served.route() + " " + what, () -> {
                        assertThat(what).as(served.route()).isIn(FOR_ALL, WITHOUT_BODIES, CLOSED);
                        assertThat(opens(served, SOME_FUNCTIONS)).isEqualTo(what.equals(FOR_ALL));
                        assertThat(opens(served, NO_BODIES)).isEqualTo(!what.equals(CLOSED));
                        assertThat(opens(served, Rights.ALL)).isTrue();
                    });
                });
    }

    private static boolean opens(Served served, Rights rights) {
        return Honours.opens(served.verb(), served.path(), rights);
    }

    @Test
    void nothingIsDecidedAboutARouteThatIsNotThere() throws IOException {
        var there = new TreeSet<>(routes().stream().map(Served::route).toList());

        assertThat(there)
                .containsAll(DECIDED.values().stream().flatMap(List::stream).toList());
    }

    @Test
    void aRouteOfTheSystemsThatNobodyThoughtOfIsClosedAndAUsersOwnIsItsGroups() {
        assertThat(Honours.opens("GET", "/system/new", SOME_FUNCTIONS)).isFalse();
        assertThat(Honours.opens("GET", "/system/new", NO_BODIES)).isFalse();
        assertThat(Honours.opens("POST", "/function", NO_BODIES)).isFalse();
        assertThat(Honours.opens("PATCH", "/system/calls", NO_BODIES)).isFalse();
        assertThat(Honours.opens("HEAD", "/system/calls", SOME_FUNCTIONS)).isTrue();
        assertThat(Honours.opens("GET", "/orders", SOME_FUNCTIONS)).isTrue();
        assertThat(Honours.opens("GET", "/system/new", rights("viewer[*.*]"))).isTrue();
    }
}
