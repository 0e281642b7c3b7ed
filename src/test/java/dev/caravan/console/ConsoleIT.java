package dev.caravan.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import dev.caravan.testing.TestServer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The console as a whole: signing in, every page for everybody, and texts that want to be more than text. */
class ConsoleIT {

    private static final String ONCE = "com.openfaas.retry.attempts=0";

    /** What a page would do if it took somebody's text for its own. */
    private static final String ATTACK =
            "<img src=x onerror=\"window.broken=1\"><script>window.broken=1</script>\"'><svg onload=window.broken=1>{{7*7}}${7*7}";

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final Browser browser = new Browser(server);

    private static String hostile;
    private static String dead;
    private static String done;

    @BeforeAll
    static void haveSomethingOnEveryPage() {
        hostile = server.deployScript(
                "hostile",
                "cat > /dev/null; printf '%s' \"$ATTACK\" >&2; printf '%s' \"$ATTACK\"; exit ${EXIT:-1}",
                Map.of("ATTACK", ATTACK),
                ONCE,
                "note=" + ATTACK);
        String kind = server.deploy("kind", "cat");
        dead = server.callAsync(
                hostile + "/" + "%3Cscript%3E?q=%3Cimg%20src=x%20onerror=window.broken=1%3E",
                ATTACK,
                "X-Attack",
                ATTACK,
                "Content-Type",
                "text/html");
        done = server.callAsync(kind, ATTACK, "Content-Type", "text/html");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> server.deadLetters(hostile).size() == 1);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> server.system("/system/calls/" + done)
                        .json()
                        .get("status")
                        .asText()
                        .equals("succeeded"));
    }

    private static List<String> places() {
        return List.of(
                "/overview",
                "/functions",
                "/functions/new",
                "/functions/" + hostile + ".openfaas-fn",
                "/calls",
                "/calls/" + done,
                "/calls/" + dead,
                "/queues",
                "/queues/faas-request",
                "/queues/faas-request?hours=72",
                "/dead-letters",
                "/dead-letters?view=list",
                "/dead-letters/" + dead + ".1",
                "/replays",
                "/alerts",
                "/routes",
                "/routes/run-faas-request",
                "/secrets",
                "/audit",
                "/about");
    }

    @ParameterizedTest
    @CsvSource({"LIGHT, 1440", "DARK, 1440", "LIGHT, 320"})
    void nothingOnAnyPageKeepsAnybodyOut(ColorScheme colours, int width) throws Exception {
        browser.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(colours));
        browser.page().setViewportSize(width, 900);
        browser.page().navigate(server.url("/ui/"));
        browser.page().locator("sign-in-form input").first().waitFor();
        List<String> barriers = new ArrayList<>(browser.barriers());
        browser.picture("sign-in-" + colours + "-" + width);
        for (String place : places()) {
            Page page = browser.open(place);
            shown(page);
            for (String barrier : browser.barriers()) {
                barriers.add(place + " " + barrier);
            }
            browser.picture(place.replaceAll("[^a-z-]+", "_").replaceAll("^_|_$", "") + "-" + colours + "-" + width);
            assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                    .as(place + " is no wider than the window")
                    .isLessThanOrEqualTo(width);
        }

        assertThat(barriers).isEmpty();
    }

    @Test
    void whatFunctionsAndCallersWriteIsOnlyText() {
        for (String place : places()) {
            Page page = browser.open(place);
            shown(page);
            assertThat(page.evaluate("window.broken")).as(place).isNull();
            assertThat(page.locator("main img[src=x], main script").count())
                    .as(place)
                    .isZero();
        }
        Page letter = browser.open("/dead-letters/" + dead + ".1");
        assertThat(region(letter, "the request's body")).containsText(ATTACK);
        assertThat(region(letter, "the last answer")).containsText("<script>window.broken=1</script>");
        assertThat(letter.getByLabel("Request headers")).containsText(ATTACK);
        Page call = browser.open("/calls/" + done);
        assertThat(region(call, "the result")).containsText(ATTACK);
    }

    @Test
    void signingInFailsSucceedsLastsAndEnds() {
        browser.expect("401");
        Page page = browser.page();
        page.navigate(server.url("/ui/#/queues"));
        browser.signIn("admin", "guess");
        assertThat(page.getByRole(AriaRole.ALERT)).hasText("User or password are wrong.");

        browser.signIn("admin", server.password());
        assertThat(page.locator("h1")).hasText("Queues");
        page.reload();
        assertThat(page.locator("h1")).hasText("Queues");
        Page another = browser.newPage();
        another.navigate(server.url("/ui/#/calls"));
        assertThat(another.locator("h1")).hasText("Calls");

        button(page, "Sign out").click();
        assertThat(page.getByLabel("Password")).isVisible();
        assertThat(another.getByLabel("Password")).isVisible(); // its stream of events ends with the session
        assertThat(page.context().cookies()).isEmpty();
    }

    @Test
    void whoMayOnlyLookIsOfferedNothingElse() throws Exception {
        Files.writeString(
                server.data().resolve("secrets/users"),
                "vera:viewer:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> server.get("/system/session", "Authorization", "Basic dmVyYTpjb3JyZWN0IGhvcnNl")
                                .status()
                        == 200);
        Page page = browser.page();
        page.navigate(server.url("/ui/#/dead-letters/" + dead + ".1"));
        browser.signIn("vera", "correct horse");

        assertThat(region(page, "the request's body")).isVisible();
        assertThat(button(page, "Replay")).hasCount(0);
        assertThat(button(page, "Delete")).hasCount(0);
        page.navigate(server.url("/ui/#/queues"));
        assertThat(page.locator("queues-page tbody tr").first()).isVisible();
        assertThat(page.locator("queues-page td button")).hasCount(0);
        page.navigate(server.url("/ui/#/functions"));
        assertThat(page.locator("functions-page tbody tr").first()).isVisible();
        assertThat(page.getByText("Deploy a function")).hasCount(0);
        page.navigate(server.url("/ui/#/routes/alert"));
        assertThat(page.locator(".diagram")).isVisible();
        assertThat(button(page, "Stop")).hasCount(0);
        assertThat(page.locator("route-source")).hasCount(0);
        page.navigate(server.url("/ui/#/secrets"));
        assertThat(page.locator("h1")).hasText("Secrets");
        assertThat(page.locator("secrets-page form")).hasCount(0);
        page.navigate(server.url("/ui/#/audit"));
        assertThat(page.getByText("shown to operators")).isVisible();
    }

    @Test
    void aHostileFunctionsPageCannotUseTheOperatorsSession() {
        String page = """
                <!doctype html><title>starting</title><script>
                const tried = [];
                const attempt = async (name, what) => {
                  try { tried.push(name + ' ' + await what()); } catch (problem) { tried.push(name + ' failed'); }
                };
                (async () => {
                  await attempt('asked', async () => (await fetch('/system/session', {credentials: 'include'})).status);
                  await attempt('acted', async () =>
                    (await fetch('/system/queues/faas-request/pause', {method: 'POST', credentials: 'include', mode: 'no-cors'})).type);
                  await attempt('kept', async () => localStorage.length);
                  await attempt('worked', async () => navigator.serviceWorker.register('worker.js', {scope: '/'}));
                  document.title = tried.join(', ');
                })();
                </script>""";
        String trap =
                server.deployScript("trap", "cat <<'END'\n" + page + "\nEND\n", Map.of("content_type", "text/html"));
        for (String error : List.of("CORS", "Failed to load resource", "sandbox", "SecurityError")) {
            browser.expect(error);
        }
        browser.open("/overview");

        Page visited = browser.page();
        visited.navigate(server.url("/function/" + trap));

        assertThat(visited).hasTitle("asked failed, acted opaque, kept failed, worked failed");
        assertThat(server.system("/system/queues").json().findValuesAsText("paused"))
                .containsOnly("false");
    }

    @Test
    void aFunctionIsDeployedCalledAndItsLogRead() {
        String name = TestServer.freshName("shout");
        Page page = browser.open("/functions");
        page.locator("main").getByText("Deploy a function").click();
        page.getByLabel("Name").fill(name);
        page.getByLabel("Process").fill("tr a-z A-Z");
        button(page, "Deploy").click();
        assertThat(page.locator("h1")).containsText(name);
        assertThat(page.locator("h1")).containsText("1 of 1 ready");

        page.getByLabel("Body to send").fill("hello");
        button(page, "Call now").click();
        assertThat(region(page, "the answer")).hasText("HELLO");
        assertThat(page.locator(".log")).containsText("Duration");

        button(page, "Queue a call").click();
        page.getByText("See the call").click();
        assertThat(page.locator("one-call h1")).containsText("succeeded");
        assertThat(region(page, "the result")).hasText("HELLO");
    }

    @Test
    void aQueueIsPausedFillsAndGoesOn() {
        String name = server.deploy("waits", "cat");
        Page page = browser.open("/queues");
        Locator row = page.locator("tbody tr").filter(new Locator.FilterOptions().setHasText("faas-request"));
        row.getByText("Pause").click();
        assertThat(row).containsText("paused");

        for (int i = 0; i < 3; i++) {
            server.callAsync(name, "x");
        }
        assertThat(row.locator(".strong")).hasText("3");
        row.getByText("Resume").click();
        assertThat(row.locator(".strong")).hasText("0");
        assertThat(row).not().containsText("paused");
    }

    @Test
    void whatIsPointedAtStaysWhereItIs() {
        String name = server.deploy("moves", "cat");
        server.callAsync(name, "first");
        Page page = browser.open("/calls?function=" + name);
        Locator rows = page.locator("call-list tbody tr");
        assertThat(rows).hasCount(1);
        rows.first().hover();

        server.callAsync(name, "second");
        Locator chip = page.getByText("Changes are waiting");
        assertThat(chip).isVisible();
        assertThat(rows).hasCount(1);
        page.mouse().move(5, 5);
        assertThat(rows).hasCount(2);
        assertThat(chip).not().isVisible();
    }

    /** As fast as they go: the page asks again now and then, not for each, and keeps nothing of them. */
    @Test
    void aFloodOfEventsLeavesThePageAsItIs() {
        Page page = browser.page();
        var asked = new AtomicInteger();
        var flood = new StringBuilder("retry: 600000\n\n");
        for (int i = 0; i < 180_000; i++) {
            flood.append("event: call\ndata: {\"callId\":\"")
                    .append(i)
                    .append("\",\"status\":\"dead\",\"generation\":1}\n\n");
        }
        var listening = new AtomicBoolean();
        page.route("**/system/events*", route -> {
            if (listening.get()) {
                route.fulfill(new Route.FulfillOptions()
                        .setContentType("text/event-stream")
                        .setBody(flood.toString()));
            } else {
                route.abort();
            }
        });
        page.onRequest(request -> {
            if (request.url().contains("/system/calls")) {
                asked.incrementAndGet();
            }
        });
        browser.expect("ERR_FAILED");
        browser.open("/calls");
        assertThat(page.locator("call-list tbody tr").first()).isVisible();
        int before = (Integer) page.evaluate("document.querySelectorAll('*').length");
        page.evaluate("""
                async () => {
                  window.heard = 0;
                  (await import('/ui/live.js')).listen(event => event.type === 'call' && window.heard++);
                }""");

        listening.set(true);
        page.waitForFunction("() => window.heard === 180000");
        page.waitForRequest(
                Pattern.compile("/system/calls"),
                () -> page.locator("[data-reload]").click());
        shown(page);

        assertThat((Integer) page.evaluate("document.querySelectorAll('*').length"))
                .as("but for what tells that there are changes")
                .isCloseTo(before, within(5));
        assertThat(asked.get()).isBetween(2, 60);
    }

    @Test
    void itCanBeUsedWithoutAMouse() {
        Page page = browser.open("/calls");
        assertThat(page.locator("call-list tbody tr").first()).isVisible();
        page.keyboard().press("j");
        assertThat(page.locator("call-list a.opens").first()).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator("one-call h1")).isVisible();
        page.keyboard().press("5");
        assertThat(page.locator("h1")).hasText("Dead letters");
        page.keyboard().press("/");
        assertThat(page.getByLabel("Search")).isFocused();
        page.keyboard().press("Escape");
        page.locator("h1").click();
        page.keyboard().press("?");
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("Next and previous row");
    }

    @Test
    void everyFilterStandsInTheAddressAndAViewOfItCanBeKept() {
        Page page = browser.open("/calls");
        page.getByLabel("Function").fill(hostile);
        page.keyboard().press("Enter");
        page.getByLabel("State").selectOption("dead");
        page.getByLabel("When").selectOption("range");
        exactly(page, "From").fill("2026-01-01T01:02:03");
        page.keyboard().press("Tab");
        assertThat(page).hasURL(Pattern.compile("function=" + hostile + "&status=dead&since=20"));
        assertThat(page.locator("call-list tbody tr")).hasCount(1);
        String address = page.url();

        Page another = browser.newPage();
        another.navigate(address);
        assertThat(another.locator("call-list tbody tr")).hasCount(1);
        assertThat(exactly(another, "From")).hasValue("2026-01-01T01:02:03");
        another.getByLabel("When").selectOption("1h");
        assertThat(another).hasURL(Pattern.compile("status=dead&age=1h$"));

        button(page, "Save this view").click();
        page.getByLabel("Name of this view").fill("the hostile ones");
        page.keyboard().press("Enter");
        button(page, "Save this view").click();
        page.getByLabel("Name of this view").fill("theirs too");
        page.getByLabel("for everybody").check();
        page.keyboard().press("Enter");
        assertThat(another.getByText("theirs too")).hasCount(0);
        another.navigate(server.url("/ui/#/overview"));
        another.navigate(server.url("/ui/#/calls"));
        another.getByText("theirs too").click();
        assertThat(another).hasURL(address);
        button(another, "Forget the view theirs too").click();
        assertThat(another.getByText("theirs too")).hasCount(0);
        page.navigate(server.url("/ui/#/calls?queue=nobody"));
        assertThat(page.locator("call-list .none")).isVisible();
        page.getByText("the hostile ones").click();
        assertThat(page).hasURL(address);
        page.reload();
        button(page, "Forget the view the hostile ones").click();
        assertThat(page.getByText("the hostile ones")).hasCount(0);

        page.navigate(server.url("/ui/#/calls?queue=nobody"));
        page.locator("a.chip").click();
        assertThat(page.locator("call-list tbody tr").first()).isVisible();
        page.navigate(server.url("/ui/#/functions?q=" + hostile));
        assertThat(page.locator("functions-page tbody tr")).hasCount(1);
        page.getByLabel("State").selectOption("asleep");
        assertThat(page.locator("functions-page .none")).isVisible();
        assertThat(page).hasURL(Pattern.compile("state=asleep$"));
    }

    @Test
    void oneLineLeadsAnywhere() throws Exception {
        Page page = browser.open("/overview");
        page.keyboard().press("Control+k");
        Locator line = page.getByRole(AriaRole.COMBOBOX, new Page.GetByRoleOptions().setName("Go to"));
        assertThat(line).isFocused();
        line.fill(hostile);
        assertThat(page.getByRole(AriaRole.OPTION).first()).containsText("Function");
        assertThat(browser.barriers()).isEmpty();
        page.keyboard().press("Enter");
        assertThat(page.locator("one-function h1")).containsText(hostile);

        page.keyboard().press("Control+k");
        line.fill(done);
        page.keyboard().press("Enter");
        assertThat(page.locator("one-call h1")).containsText("succeeded");

        page.keyboard().press("Control+k");
        line.fill("no such thing");
        assertThat(page.getByRole(AriaRole.OPTION)).hasCount(2);
        page.keyboard().press("ArrowDown");
        page.keyboard().press("Enter");
        assertThat(page).hasURL(Pattern.compile("#/calls\\?q=no\\+such\\+thing"));
    }

    @Test
    void aPartOfTheTimeOfAQueueLeadsToWhatHappenedThen() throws Exception {
        Page page = browser.open("/queues/faas-request");
        Locator chart = page.locator("time-chart").first();
        assertThat(chart).containsText("dead letters");
        chart.locator(".plot > svg").scrollIntoViewIfNeeded();
        BoundingBox box = chart.locator(".plot > svg").boundingBox();
        page.mouse().move(box.x + box.width / 2, box.y + 20);
        page.mouse().down();
        page.mouse().move(box.x + box.width - 1, box.y + 40);
        page.mouse().up();
        browser.picture("queue-time-taken");
        page.getByText("calls that were accepted then").click();

        assertThat(page).hasURL(Pattern.compile("since=20.*&until=20.*&queue=faas-request"));
        assertThat(page.locator("call-list tbody tr").first()).isVisible();

        page.goBack();
        page.getByText("As a table").first().click();
        button(page, "Take").first().click();
        assertThat(page.getByText("letters that died then")).isVisible();
        page.getByText("Last three days").click();
        assertThat(page).hasURL(Pattern.compile("hours=72$"));
    }

    @Test
    void theFirstPageIsSmallAndSoonThere() throws Exception {
        browser.open("/dead-letters");
        var sizes = new ArrayList<Integer>();
        Page page = browser.newPage();
        page.onResponse(answer -> sizes.add(size(answer)));
        page.navigate(server.url("/ui/#/dead-letters"));
        // Looked for before each frame that is drawn.
        Object drawn = page.waitForFunction(
                        "() => document.querySelector('letter-groups a.opens') ? performance.now() : 0")
                .jsonValue();
        double usable = ((Number) drawn).doubleValue();
        int bytes = sizes.stream().mapToInt(Integer::intValue).sum();
        double millis = ((Number) page.evaluate("""
                        () => Math.max(...performance.getEntriesByType('resource')
                            .filter(each => !each.name.includes('/events')).map(each => each.responseEnd))""")).doubleValue();
        Files.createDirectories(Browser.PICTURES);
        Files.writeString(
                Browser.PICTURES.resolve("first-page.txt"),
                "%d answers, %d bytes, all there after %.0f ms; drawn and usable after %.0f ms%n"
                        .formatted(sizes.size(), bytes, millis, usable));

        assertThat(bytes).isBetween(10 * 1024, 300 * 1024);
        assertThat(millis).as("a second, with room for a slow machine").isLessThan(10_000);
        assertThat(usable).as("likewise").isLessThan(10_000);
    }

    private static int size(Response answer) {
        String length = answer.headers().get("content-length");
        return length == null ? 0 : Integer.parseInt(length);
    }

    /** Waits until the page has what it shows. */
    private static void shown(Page page) {
        assertThat(page.locator("main h1, main h2").first()).isVisible();
        page.waitForFunction(
                "() => [...document.querySelectorAll('main *')].every(each => !each.fresh || each.fresh.loaded)");
    }

    private static Locator region(Page page, String name) {
        return page.getByRole(
                AriaRole.REGION, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator exactly(Page page, String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
    }
}
