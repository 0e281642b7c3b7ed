package dev.caravan.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.caravan.gateway.auth.PasswordHash;
import dev.caravan.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The console of somebody who sees some functions only, and of somebody who sees no bodies: it offers nothing that is
 * refused then. A refusal would stand in the browser's console, which is looked at after each test.
 */
class RightsPageIT {

    private static final String PASSWORD = "correct horse battery";
    private static final String MARKER = "pin7731";
    private static final String NO_BODIES = "You do not see bodies.";

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_REQUEST_LIMIT=1KiB");

    @RegisterExtension
    static final Browser browser = new Browser(server);

    private static String fails;
    private static String dead;
    private static String done;

    @BeforeAll
    static void someCallsAreOver() throws IOException {
        String hash = PasswordHash.of(PASSWORD.getBytes(UTF_8));
        Files.write(
                server.data().resolve("secrets/users"),
                List.of("sam:operator[fails-* -bodies]:" + hash, "nora:operator[-bodies]:" + hash));
        fails = server.deployScript("fails", "cat > /dev/null; exit 1", "com.openfaas.retry.attempts=0");
        String works = server.deploy("works", "cat");
        dead = server.callAsync(fails, MARKER, "Content-Type", "text/plain");
        done = server.callAsync(works, MARKER, "Content-Type", "text/plain");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> server.deadLetters(fails).size() == 1
                        && server.system("/system/calls/" + done)
                                .json()
                                .path("status")
                                .asText()
                                .equals("succeeded")
                        && knows("sam"));
    }

    private static boolean knows(String user) {
        String credentials = Base64.getEncoder().encodeToString((user + ":" + PASSWORD).getBytes(UTF_8));
        return server.get("/system/session", "Authorization", "Basic " + credentials)
                        .status()
                == 200;
    }

    private static Page signedIn(String user, String place) {
        Page page = browser.page();
        page.navigate(server.url("/ui/#" + place));
        browser.signIn(user, PASSWORD);
        page.locator("header.bar").waitFor();
        return page;
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static List<String> offered(Page page) {
        return page.locator("nav[aria-label=Pages] a").allInnerTexts();
    }

    @Test
    void whoSeesSomeFunctionsOnlyIsOfferedWhatIsOpenToHim() throws Exception {
        Page page = signedIn("sam", "/overview");
        assertThat(offered(page))
                .containsExactly(
                        "Overview",
                        "Functions",
                        "Calls",
                        "Queues",
                        "Dead letters",
                        "Replays",
                        "Alerts",
                        "Audit",
                        "About");

        page.navigate(server.url("/ui/#/about"));
        for (String title : offered(page)) {
            Locator link = page.locator("nav[aria-label=Pages]").getByText(title, exactly());
            page.waitForResponse(answer -> answer.url().contains("/system/"), link::click);
            assertThat(page.locator("main h1")).hasText(title);
            assertThat(page.locator("main").getByRole(AriaRole.ALERT)).hasCount(0);
        }
        assertThat(page.locator("about-page")).containsText("Commit");
        assertThat(page.locator("about-page")).not().containsText("CARAVAN_");

        page.navigate(server.url("/ui/#/queues"));
        assertThat(page.locator("queues-page tbody tr").first()).isVisible();
        assertThat(page.locator("queues-page td button")).hasCount(0);
        page.navigate(server.url("/ui/#/dead-letters?view=list"));
        button(page, "Save this view").click();
        assertThat(page.getByLabel("Name of this view")).isVisible();
        assertThat(page.getByText("for everybody")).hasCount(0);
        page.navigate(server.url("/ui/#/routes/alert"));
        assertThat(page.locator("main h1")).hasText("Overview");

        button(page, "Go to…").click();
        page.getByRole(AriaRole.COMBOBOX).fill(fails);
        assertThat(page.getByRole(AriaRole.LISTBOX)).containsText("Function");
        page.getByRole(AriaRole.COMBOBOX).fill("page secrets");
        assertThat(page.getByRole(AriaRole.LISTBOX)).not().containsText("Page");
    }

    private static Locator.GetByTextOptions exactly() {
        return new Locator.GetByTextOptions().setExact(true);
    }

    @Test
    void whoSeesNoBodiesIsToldSoWhereTheyWouldStand() throws Exception {
        Page page = signedIn("nora", "/dead-letters/" + dead + ".1");
        Locator main = page.locator("main");
        assertThat(main.getByText(NO_BODIES)).hasCount(2);
        assertThat(main.locator("body-view")).hasCount(0);
        assertThat(main).containsText("text/plain, 7 bytes");
        assertThat(main).not().containsText(MARKER);
        assertThat(button(page, "Replay")).isVisible();
        assertThat(button(page, "Edit and replay")).hasCount(0);
        browser.picture("letter-without-bodies");
        assertThat(browser.barriers()).isEmpty();

        page.navigate(server.url("/ui/#/calls/" + done));
        assertThat(main.locator("h1")).containsText("succeeded");
        assertThat(main.getByText(NO_BODIES)).hasCount(2);
        assertThat(main.locator("body-view")).hasCount(0);
        assertThat(main).not().containsText(MARKER);

        for (String title : List.of("Routes", "Secrets")) {
            page.locator("nav[aria-label=Pages]").getByText(title, exactly()).click();
            assertThat(main.locator("h1")).hasText(title);
            assertThat(main.getByRole(AriaRole.ALERT)).hasCount(0);
        }
    }
}
