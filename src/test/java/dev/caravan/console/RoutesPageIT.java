package dev.caravan.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.caravan.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A route is looked at, stopped, broken and mended in a browser; secrets go in; what was done is found. */
class RoutesPageIT {

    private static final Page.GetByLabelOptions EXACT = new Page.GetByLabelOptions().setExact(true);

    /** As it is seen: the editor has an element for each line. */
    private static final LocatorAssertions.HasTextOptions ALL_LINES =
            new LocatorAssertions.HasTextOptions().setUseInnerText(true);

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_KEEP_AUDIT=48h");

    @RegisterExtension
    static final Browser browser = new Browser(server);

    @BeforeEach
    void haveARoute() throws IOException {
        Files.writeString(file(), greeting("hello"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> server.get("/greet").text().equals("hello"));
    }

    private static Path file() {
        return server.routes().resolve("triggers/greet.camel.yaml");
    }

    @Test
    void aRouteIsBrokenRefusedAtItsLineMendedAndRuns() throws Exception {
        Page page = browser.open("/routes/greet");
        Locator text = page.getByLabel("Text of the file", EXACT);
        assertThat(text).hasText(greeting("hello"), ALL_LINES);

        button(page, "Edit").click();
        browser.retype(text, greeting("good day").replace("setBody", "setBodi"));
        assertThat(page.locator(".problems")).containsText("Line 10, column");
        assertThat(page.locator(".problems")).containsText("Did you mean setBody?");
        assertThat(page.locator(".cm-line.bad")).containsText("setBodi");
        browser.picture("route-broken");
        assertThat(browser.barriers()).isEmpty();

        browser.expect("422");
        button(page, "Review and save…").click();
        assertThat(page.getByLabel("Changes of the file")).containsText("setBodi");
        button(page, "Save and run").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("Nothing was saved");
        assertThat(Files.readString(file())).isEqualTo(greeting("hello"));
        assertThat(server.get("/greet").text()).isEqualTo("hello");

        page.getByText(Pattern.compile("Line 10, column")).click();
        assertThat(text).isFocused();
        browser.retype(text, greeting("good day"));
        assertThat(page.locator(".problems")).hasCount(0);
        button(page, "Review and save…").click();
        Locator changes = page.getByLabel("Changes of the file");
        assertThat(changes.locator(".gone")).containsText("hello");
        assertThat(changes.locator(".new")).containsText("good day");
        browser.picture("route-review");
        assertThat(browser.barriers()).isEmpty();
        button(page, "Save and run").click();

        assertThat(page.locator(".toasts")).containsText("is saved and runs");
        assertThat(server.get("/greet").text()).isEqualTo("good day");
        assertThat(Files.readString(file())).isEqualTo(greeting("good day"));
        Page audit = browser.open("/audit?action=save-route-source");
        assertThat(audit.locator("audit-list tbody tr").first()).containsText("triggers/greet.camel.yaml");
        assertThat(audit.locator("audit-list tbody tr").first()).containsText("200");
        assertThat(audit.locator("audit-list tbody tr").nth(1)).containsText("422");
        assertThat(audit.locator("audit-list")).not().containsText("good day");
    }

    @Test
    void anEditOfSomebodyElseIsNotLost() throws Exception {
        Page page = browser.open("/routes/greet");
        button(page, "Edit").click();
        browser.retype(page.getByLabel("Text of the file", EXACT), greeting("mine"));
        Files.writeString(file(), greeting("theirs"));

        browser.expect("412");
        button(page, "Review and save…").click();
        button(page, "Save and run").click();

        assertThat(page.getByRole(AriaRole.ALERT)).containsText("somebody else has changed the file");
        assertThat(Files.readString(file())).isEqualTo(greeting("theirs"));
        button(page, "Drop my changes and load what is there").click();
        assertThat(page.getByLabel("Text of the file", EXACT)).hasText(greeting("theirs"), ALL_LINES);
    }

    @Test
    void whatRunsIsDrawnAndCountedAndStopsAndStarts() throws Exception {
        Page page = browser.open("/routes?q=greet");
        Locator row = page.locator("route-list tbody tr").filter(new Locator.FilterOptions().setHasText("Greets"));
        assertThat(row).containsText("started");
        row.locator("a.opens").click();
        Locator steps = page.locator(".diagram .step");
        assertThat(steps).hasCount(5);
        assertThat(steps.nth(2)).containsText("choice");
        String before = steps.nth(1).locator(".count").textContent();

        for (int i = 0; i < 3; i++) {
            server.get("/greet");
        }
        assertThat(steps.nth(1).locator(".count")).hasText(Integer.toString(Integer.parseInt(before) + 3));
        browser.picture("route");

        button(page, "Stop").click();
        button(page, "Stop the route").click();
        assertThat(page.locator("h1")).containsText("stopped");
        assertThat(server.get("/greet").status()).isEqualTo(404);
        button(page, "Start").click();
        assertThat(page.locator("h1")).containsText("started");
        assertThat(server.get("/greet").status()).isEqualTo(200);
    }

    @Test
    void aSecretIsKeptReplacedAndDeletedAndItsValueNeverShown() throws Exception {
        Page page = browser.open("/secrets");
        Locator form = page.getByRole(
                AriaRole.FORM,
                new Page.GetByRoleOptions().setName("A new secret").setExact(true));
        form.getByLabel("Name").fill("api-key");
        form.getByLabel("Value").fill("s3cret-one");
        button(page, "Keep it").click();
        Locator row = page.locator("secrets-page tbody tr").filter(new Locator.FilterOptions().setHasText("api-key"));
        assertThat(row).containsText("never shown");
        assertThat(form.getByLabel("Value")).hasValue("");

        row.getByText("Replace").click();
        page.getByRole(AriaRole.DIALOG).getByLabel("Value").fill("s3cret-two");
        assertThat(browser.barriers()).isEmpty();
        button(page, "Replace it").click();
        assertThat(page.locator(".toasts")).containsText("api-key has a new value");
        assertThat(Files.readString(server.data().resolve("secrets/functions/openfaas-fn/api-key")))
                .isEqualTo("s3cret-two");

        row.getByText("Delete").click();
        page.getByLabel("Type api-key to confirm").fill("api-key");
        button(page, "Delete the secret").click();
        assertThat(row).hasCount(0);
        assertThat(page.content()).doesNotContain("s3cret");
        Page audit = browser.open("/audit?user=admin");
        assertThat(audit.locator("audit-list")).containsText("delete-secret");
        assertThat(audit.locator("audit-list")).containsText("api-key");
        assertThat(server.system("/system/audit").text()).doesNotContain("s3cret");
    }

    @Test
    void whatAnswersHereAndWhatItWasStartedWithIsTold() {
        Page page = browser.open("/about");

        assertThat(page.locator(".facts")).containsText("embedded");
        Locator kept = page.locator("about-page tbody tr")
                .filter(new Locator.FilterOptions().setHasText("CARAVAN_KEEP_AUDIT"));
        assertThat(kept).containsText("48h");
        assertThat(kept).containsText("environment");
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static String greeting(String word) {
        return """
                - route:
                    id: greet
                    description: Greets whoever comes by.
                    group: public
                    from:
                      uri: platform-http:/greet
                      parameters:
                        httpMethodRestrict: GET
                      steps:
                        - setBody:
                            expression:
                              constant:
                                expression: WORD
                        - choice:
                            when:
                              - expression:
                                  simple:
                                    expression: "${header.shy} == 'yes'"
                                steps:
                                  - stop: {}
                """.replace("WORD", word);
    }
}
