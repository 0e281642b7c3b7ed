package dev.caravan.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.caravan.testing.TestServer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** See it, find it, replay it: sixty calls that failed in three ways. */
class DeadLettersPageIT {

    private static final String ONCE = "com.openfaas.retry.attempts=0";
    private static final LocatorAssertions.ContainsTextOptions PATIENTLY =
            new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);

    private static final Page.GetByLabelOptions EXACT = new Page.GetByLabelOptions().setExact(true);

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final Browser browser = new Browser(server);

    private static String orders;
    private static String mails;
    private static String images;

    @BeforeAll
    static void makeCallsFail() {
        // Each answers 200 as soon as the body is "good".
        String script = "read -r line; case $line in good*) echo done; exit 0;; esac; ";
        orders = server.deployScript("orders", script + "echo no stock for $line >&2; exit 1", ONCE);
        mails = server.deployScript("mails", script + "echo mailbox full >&2; exit 1", ONCE);
        images = server.deployAnswers(ONCE);
        for (int i = 0; i < 20; i++) {
            server.callAsync(
                    orders,
                    "{\"order\":" + i + ",\"customer\":\"customer-" + i + "\"}",
                    "Content-Type",
                    "application/json",
                    "X-Trial",
                    "first");
            server.callAsync(mails, "mail " + i);
            server.callAsync(images + "/418", "image " + i);
        }
        await().atMost(Duration.ofSeconds(120))
                .until(() -> server.system("/system/dead-letters?limit=1")
                                .json()
                                .get("total")
                                .asInt()
                        == 60);
    }

    @Test
    void oneIsFoundByTextEditedReplayedAndSeenToSucceed() throws Exception {
        Page page = browser.open("/dead-letters");
        assertThat(page.locator("letter-groups tbody tr")).hasCount(3);
        browser.picture("groups");

        page.getByLabel("Search").fill("customer-7\"");
        page.keyboard().press("Enter");
        page.locator(".tabs").getByText("Letters").click();
        Locator rows = page.locator("letter-list tbody tr");
        assertThat(rows).hasCount(1);
        assertThat(page).hasURL(Pattern.compile("q=customer-7"));
        rows.locator("a.opens").click();

        assertThat(region(page, "the request's body")).containsText("\"customer\": \"customer-7\"");
        assertThat(page.locator(".timeline")).containsText("Attempt 1");
        assertThat(page.getByLabel("Request headers")).containsText("first");
        browser.picture("letter");

        button(page, "Edit and replay").click();
        browser.retype(page.getByLabel("Body", EXACT), "good");
        assertThat(region(page, "Changes of the body")).containsText("good");
        assertThat(page.getByText("It was JSON, and is not any more.")).isVisible();
        page.getByLabel("Value of X-Trial").fill("second");
        button(page, "Replay with these changes").click();

        assertThat(page.locator("one-call h1")).containsText("succeeded", PATIENTLY);
        assertThat(page.locator(".timeline")).containsText("generation 2");
        assertThat(region(page, "the result")).containsText("done");
        browser.picture("call");
    }

    @Test
    void aGroupIsReplayedAfterAPreviewAndTheRestOfItTakenBack() throws Exception {
        Page page = browser.open("/dead-letters?function=" + images);
        page.locator("letter-groups a.opens").click();
        assertThat(page.locator("letter-list [role=status]").first()).containsText("20 letters");

        button(page, "Replay all 20…").click();
        Locator dialog = page.locator("bulk-replay dialog");
        assertThat(dialog).containsText("Replay 20 letters?");
        assertThat(dialog.locator("tbody tr")).hasCount(5);
        browser.picture("preview");
        assertThat(browser.barriers()).isEmpty();
        dialog.getByLabel("Letters a second").fill("2");
        dialog.getByLabel("so many first").fill("");
        dialog.getByLabel("in a hundred fail").fill("");
        dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Replay 20"))
                .click();

        Locator job = page.locator("replay-job");
        assertThat(job).containsText("running");
        assertThat(job.locator(".progress")).containsText(Pattern.compile("[1-9] of 20 replayed"));
        button(page, "Cancel the rest").click();
        assertThat(job.locator("h1")).containsText("cancelled", PATIENTLY);
        browser.picture("replay");

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(server.deadLetters(images).size()).isEqualTo(20));
        page.locator("nav").getByText("Replays").first().click();
        assertThat(page.locator("replay-list tbody tr").first()).containsText("cancelled");
    }

    @Test
    void aCanaryThatFailsAgainKeepsTheOthersWhereTheyAre() throws Exception {
        Page page = browser.open("/dead-letters?view=list&function=" + images);
        assertThat(page.locator("letter-list [role=status]").first()).containsText("20 letters");
        button(page, "Replay all 20…").click();
        Locator dialog = page.locator("bulk-replay dialog");
        assertThat(dialog.getByLabel("so many first")).hasValue("1");
        dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Replay 20"))
                .click();

        Locator job = page.locator("replay-job");
        assertThat(job.locator("h1")).containsText("stopped", PATIENTLY);
        assertThat(job).containsText("1 of the first 1 calls failed again");
        assertThat(job.locator(".progress")).containsText("1 of 20 replayed");
        browser.picture("canary");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(server.deadLetters(images).size()).isEqualTo(20));
    }

    @Test
    void aPartOfTheTimeInWhichTheyDiedIsAFilter() {
        Page page = browser.open("/dead-letters?view=list&function=" + mails);
        assertThat(page.locator("letter-list [role=status]").first()).containsText("20 letters");
        Locator chart = page.locator("letter-times time-chart");
        chart.getByText("As a table").click();
        button(page, "Take").last().click();

        assertThat(page).hasURL(Pattern.compile("since=20.*&until=20"));
        assertThat(page.locator("letter-list tbody tr").first()).isVisible();
        assertThat(page.getByLabel("When")).hasValue("range");
        page.getByLabel("When").selectOption("");
        assertThat(page.locator("letter-list [role=status]").first()).containsText("20 letters");
    }

    @Test
    void lettersAreExportedAndImported() throws Exception {
        Page page = browser.open("/dead-letters?view=list&function=" + orders + "&q=customer-1");
        Locator list = page.locator("letter-list [role=status]").first();
        assertThat(list).containsText("11 letters");
        Download file = page.waitForDownload(() -> page.getByText("Export").click());
        assertThat(file.suggestedFilename()).isEqualTo("dead-letters.ndjson");
        assertThat(Files.readAllLines(file.path())).hasSize(11);

        button(page, "Delete all 11…").click();
        button(page, "Delete them").click();
        assertThat(list).hasText("0 letters");
        page.getByLabel("Import exported letters").setInputFiles(file.path());
        assertThat(list).containsText("11 letters");
        assertThat(page.locator(".toasts")).containsText("11 letters imported");
        page.getByLabel("Import exported letters").setInputFiles(file.path());
        assertThat(page.locator(".toasts")).containsText("11 stand already");
    }

    @Test
    void lettersAreDeletedAndRestored() {
        Page page = browser.open("/dead-letters?view=list&function=" + mails);
        Locator list = page.locator("letter-list [role=status]").first();
        assertThat(list).containsText("20 letters");
        page.locator("letter-list tbody input[type=checkbox]").nth(0).check();
        page.locator("letter-list tbody input[type=checkbox]").nth(1).check();
        button(page, "Delete 2 selected").click();

        assertThat(list).containsText("18 letters");
        assertThat(server.deadLetters(mails)).hasSize(18);
        page.locator(".toasts").getByText("Undo").click();

        assertThat(list).containsText("20 letters");
        assertThat(server.deadLetters(mails)).hasSize(20);

        button(page, "Delete all 20…").click();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("Delete 20 letters?");
        button(page, "Delete them").click();
        assertThat(list).hasText("0 letters");
        assertThat(server.deadLetters(mails)).isEmpty();
        page.locator(".toasts").getByText("Undo").click();
        assertThat(list).containsText("20 letters");
        assertThat(server.deadLetters(mails)).hasSize(20);
    }

    private static Locator region(Page page, String name) {
        return page.getByRole(
                AriaRole.REGION, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
    }
}
