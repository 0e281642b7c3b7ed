package dev.caravan.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import dev.caravan.testing.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One function in the console: how it went, how much it is given, and what it answers, whatever that is. */
class FunctionPageIT {

    /** A red point. */
    private static final String PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    /** So many points that they would take eight gigabytes; none of them is there. */
    private static final String HUGE = "iVBORw0KGgoAAAANSUhEUgAAw1AAAMNQCAYAAAAAAAAA";

    private static final String SVG = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"window.broken=1\">"
            + "<script>window.broken=1</script><image href=\"x\" onerror=\"window.broken=1\"/></svg>";

    @RegisterExtension
    static final TestServer server =
            TestServer.with("CARAVAN_ENVIRONMENT=staging 2", "CARAVAN_ENVIRONMENT_COLOUR=amber");

    @RegisterExtension
    static final Browser browser = new Browser(server);

    @Test
    void chartsTellHowLongItRanAndWaitedAndLeadToTheCallsOfThatTime() throws Exception {
        String name = server.deployScript("slow", "sleep 0.05; cat");
        for (int i = 0; i < 5; i++) {
            server.post("/function/" + name, "now");
            server.callAsync(name, "later");
        }
        await().atMost(Duration.ofSeconds(90)).until(() -> measured(name, "runP95Millis", 50));
        await().atMost(Duration.ofSeconds(90)).until(() -> measured(name, "waitP99Millis", 1));

        Page page = browser.open("/functions/" + name);
        Locator runs = chart(page, "Run time");
        assertThat(runs).containsText("p99");
        assertThat(chart(page, "Wait in the queue")).containsText("p50");
        assertThat(chart(page, "Through the queue")).containsText("retried");
        assertThat(chart(page, "Age of the oldest")).isVisible();
        assertThat(page.locator("function-past time-chart")).hasCount(6);
        runs.getByText("As a table").click();
        assertThat(runs.locator("table")).containsText(Pattern.compile("[0-9] ms"));
        assertThat(browser.barriers()).isEmpty();
        browser.picture("function-charts");
        page.setViewportSize(320, 800);
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(320);
        assertThat(browser.barriers()).isEmpty();
        browser.picture("function-charts-320");
        page.setViewportSize(1440, 900);

        Locator plot = runs.locator(".plot > svg");
        plot.scrollIntoViewIfNeeded();
        BoundingBox box = plot.boundingBox();
        page.mouse().move(box.x + box.width / 2, box.y + 20);
        page.mouse().down();
        page.mouse().move(box.x + box.width + 9, box.y + 40); // what is pressed is held beyond the edge
        page.mouse().up();
        assertThat(page).hasURL(Pattern.compile("#/calls\\?function=" + name + "&since=20.*&until=20"));
        assertThat(page.locator("call-list tbody tr")).hasCount(5);

        page.goBack();
        page.getByText("Last three days").click();
        assertThat(page).hasURL(Pattern.compile("hours=72$"));
        assertThat(chart(page, "Calls in each 5 min")).isVisible();
    }

    private static boolean measured(String name, String figure, int atLeast) {
        JsonNode numbers = server.system(
                        "/system/history?of=functions&figures=" + figure + "&name=" + name + ".openfaas-fn")
                .json()
                .at("/series/" + name + ".openfaas-fn/" + figure);
        for (JsonNode number : numbers) {
            if (number.asInt() >= atLeast) {
                return true;
            }
        }
        return false;
    }

    @Test
    void itsLimitsAreSetAtOnceAndLeftToItsAnnotationsAgain() {
        String name = server.deploy("limited", "cat", "dev.caravan.concurrency=7");
        Page page = browser.open("/functions/" + name);
        Locator limits = page.locator("function-limits");
        assertThat(limits.getByLabel("Calls at once", exactly())).hasValue("7");
        limits.getByLabel("Calls at once, by steps").press("ArrowLeft");
        assertThat(limits.getByLabel("Calls at once", exactly())).not().hasValue("7");
        limits.getByLabel("Calls at once", exactly()).fill("3");
        limits.getByLabel("Rate", exactly()).fill("1/h");
        limits.getByText("Set", new Locator.GetByTextOptions().setExact(true)).click();
        assertThat(limits).containsText("An operator said so");
        assertThat(server.system("/system/function/" + name + "/limits").text())
                .contains(
                        "\"concurrency\":{\"holds\":\"3\",\"told\":\"3\"}",
                        "\"rate\":{\"holds\":\"1/h\",\"told\":\"1/h\"}");

        server.callAsync(name, "first");
        String second = server.callAsync(name, "second");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> server.metric(
                                "caravan_function_held{function_name=\"" + name + ".openfaas-fn\",reason=\"rate\"}")
                        == 1);
        assertThat(status(second)).isEqualTo("queued");
        limits.getByText("As deployed", new Locator.GetByTextOptions().setExact(true))
                .click();
        assertThat(limits.getByLabel("Calls at once", exactly())).hasValue("7");
        await().atMost(Duration.ofSeconds(60)).until(() -> status(second).equals("succeeded"));

        page = browser.open("/audit");
        assertThat(page.locator("audit-page tbody")).containsText("at once: as deployed, rate: as deployed");
        assertThat(page.locator("audit-page tbody")).containsText("at once: 3, rate: 1/h");
        assertThat(server.system("PUT", "/system/function/" + name + "/limits", "{\"rate\":\"often\"}")
                        .text())
                .contains("field \\\"rate\\\" must be a rate such as 10/s, 600/m or 5000/h");
    }

    private static String status(String callId) {
        return server.system("/system/calls/" + callId).json().get("status").asText();
    }

    @Test
    void aPictureIsShownForWhatItIsAndNothingElseIsTakenForOne() throws Exception {
        Page page = result(PNG, "text/html");
        Locator picture = page.getByAltText("Picture in the result");
        assertThat(picture).isVisible();
        assertThat(picture).hasJSProperty("naturalWidth", 1);
        assertThat(page.locator("one-call")).containsText("image/png, 1 × 1");
        assertThat(browser.barriers()).isEmpty();
        browser.picture("result-picture");
        page.getByLabel("Show the result as").getByText("Hex").click();
        assertThat(region(page)).containsText("89 50 4e 47");
        Download download =
                page.waitForDownload(() -> page.getByText("Download the result").click());
        assertThat(download.suggestedFilename()).isEqualTo("result.png");
        assertThat(Files.readAllBytes(download.path()))
                .isEqualTo(Base64.getDecoder().decode(PNG));

        // Cut off in its middle.
        browser.expect("Failed to decode");
        assertThat(result(encoded(Base64.getDecoder().decode(PNG), 40), "image/png")
                        .locator(".picture"))
                .containsText("cannot be read");
        assertThat(region(result(HUGE, "image/png"))).containsText("89 50 4e 47");
        Page drawn = result(Base64.getEncoder().encodeToString(SVG.getBytes(StandardCharsets.UTF_8)), "image/svg+xml");
        assertThat(region(drawn)).containsText("  <script>window.broken=1</script>\n");
        assertThat(drawn.locator("body-view img")).hasCount(0);
        assertThat(drawn.evaluate("window.broken")).isNull();
        drawn.getByLabel("Show the result as").getByText("Text").click();
        assertThat(region(drawn)).hasText(SVG);
        Page deep = result(
                Base64.getEncoder()
                        .encodeToString(
                                "[".repeat(5_000).concat("]".repeat(5_000)).getBytes(StandardCharsets.UTF_8)),
                "application/json");
        assertThat(region(deep)).containsText("[[[[");
    }

    @Test
    void whereItRunsStandsInHeaderAndTitle() throws Exception {
        Page page = browser.open("/queues");
        assertThat(page.locator("header .place")).hasText("staging 2");
        assertThat(page).hasTitle("staging 2: Queues · Caravan");
        assertThat(browser.barriers()).isEmpty();
    }

    private static String encoded(byte[] bytes, int first) {
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, first));
    }

    /** The page of a call that was answered with these bytes. */
    private static Page result(String base64, String type) {
        String name = server.deployScript(
                "answers",
                "cat > /dev/null; printf '%s' \"$ANSWER\" | base64 -d",
                Map.of("ANSWER", base64, "content_type", type));
        String call = server.callAsync(name, "x");
        await().atMost(Duration.ofSeconds(60)).until(() -> status(call).equals("succeeded"));
        return browser.open("/calls/" + call);
    }

    private static Locator region(Page page) {
        return page.getByRole(
                AriaRole.REGION,
                new Page.GetByRoleOptions().setName("the result").setExact(true));
    }

    private static Locator chart(Page page, String label) {
        return page.locator("function-past time-chart")
                .filter(new Locator.FilterOptions()
                        .setHas(page.locator("figcaption b", new Page.LocatorOptions().setHasText(label))));
    }

    private static Locator.GetByLabelOptions exactly() {
        return new Locator.GetByLabelOptions().setExact(true);
    }
}
