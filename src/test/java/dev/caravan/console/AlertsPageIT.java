package dev.caravan.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An alert as an operator sees it, and whoever is told of it. */
class AlertsPageIT {

    private static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();
    private static final String HOOK = "/hook";
    private static final String RULE = "oldest@faas-request>1s";

    @RegisterExtension
    static final TestServer server = TestServer.with(
            "CARAVAN_ALERTS=" + RULE, "CARAVAN_ALERT_URL=" + receiver.url(HOOK), "CARAVAN_ALERT_QUIET=1h");

    @RegisterExtension
    static final Browser browser = new Browser(server);

    @BeforeAll
    static void lookOftener() throws Exception {
        Path route = server.routes().resolve("outcome/send-alerts.camel.yaml");
        Files.writeString(route, Files.readString(route).replace("*/10 *", "* *"));
    }

    @AfterAll
    static void close() {
        receiver.close();
    }

    @Test
    void aRuleIsBrokenToldMendedKeptQuietAboutAndTakenAway() throws Exception {
        Page page = browser.open("/alerts");
        assertThat(page.locator("alerts-page")).containsText("Nothing is wrong by these rules.");
        assertThat(page.locator("alerts-page code").first()).hasText(RULE);
        assertThat(page.locator("alerts-page")).containsText("somebody is told");

        String name = server.deploy("stuck", "cat");
        String pause = "/system/queues/faas-request/pause?function=" + name;
        server.system("POST", pause, "");
        server.callAsync(name, "waits");

        JsonNode told =
                new ObjectMapper().readTree(receiver.await(HOOK, 1).get(0).body());
        assertThat(told.get("status").asText()).isEqualTo("firing");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> alerts().at("/firing/0/toldAt").isTextual());
        reload(page);
        Locator row = page.locator("[role=status] tbody tr");
        assertThat(row).hasCount(1);
        assertThat(row).containsText("the oldest call of queue faas-request waits for");
        assertThat(row).containsText(RULE);
        assertThat(row.locator("td").last().locator("time")).isVisible();
        assertThat(browser.barriers()).isEmpty();
        browser.picture("alerts-firing");
        page.setViewportSize(320, 800);
        assertThat(browser.barriers()).isEmpty();
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(320);
        browser.picture("alerts-firing-320");
        page.setViewportSize(1440, 900);
        row.getByRole(AriaRole.LINK).click();
        assertThat(page.locator("one-queue h1")).containsText("faas-request");
        page = browser.open("/overview");
        assertThat(page.getByLabel("What needs attention")).containsText("waits for");

        server.system("POST", pause.replace("/pause", "/resume"), "");
        receiver.await(HOOK, 2);
        page = browser.open("/alerts");
        assertThat(page.locator("alerts-page")).containsText("Nothing is wrong by these rules.");
        assertThat(page.locator("alerts-page section").last()).containsText(RULE);

        server.system("POST", pause, "");
        server.callAsync(name, "waits too");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> alerts().at("/firing/0").isObject());
        reload(page);
        assertThat(row).hasCount(1);
        assertThat(row.locator("td").last()).hasText("–"); // nobody is told again within the hour
        assertThat(receiver.await(HOOK, 2)).hasSize(2);

        server.stop();
        server.set("CARAVAN_ALERTS=").start();
        page = browser.open("/alerts");
        assertThat(page.locator("alerts-page")).containsText("There are no rules");
        assertThat(page.locator("alerts-page")).containsText("Nothing is wrong");
        // The page that was there before the server stopped had lost its stream of events.
        browser.expect("ERR_");
    }

    private static JsonNode alerts() {
        return server.system("/system/alerts").json();
    }

    private static void reload(Page page) {
        page.locator("[data-reload]").click();
    }
}
