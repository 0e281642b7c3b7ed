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
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
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
        assertThat(page.getByRole(
                        AriaRole.IMG, new Page.GetByRoleOptions().setName(Pattern.compile("20 letters, at most"))))
                .hasCount(3);
        browser.picture("groups");

        page.getByLabel("Search").fill("customer-7\"");
        page.keyboard().press("Enter");
        page.locator(".tabs").getByText("Letters").click();
        Locator rows = page.locator("letter-list tbody tr");
        assertThat(rows).hasCount(1);
        assertThat(page).hasURL(Pattern.compile("q=customer-7"));
        button(page, "What can be searched").click();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("body.order.id:17");
        assertThat(browser.barriers()).isEmpty();
        button(page, "Close").last().click();
        page.getByLabel("Search").fill("body.customer:customer-7 header.x-trial:first age:<1h http:");
        page.keyboard().press("Enter");
        assertThat(rows).hasCount(0);
        page.getByLabel("Search").fill("body.customer:customer-7 header.x-trial:first age:<1h");
        page.keyboard().press("Enter");
        assertThat(rows).hasCount(1);
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
        Locator edits = region(page, "Edits of generation 2");
        assertThat(edits).containsText("added: X-Trial: second");
        assertThat(edits).containsText("removed: X-Trial: first");
        assertThat(edits).containsText("added: good");
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
        assertThat(dialog.locator("tbody tr")).hasCount(20);
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
        assertThat(dialog.getByLabel("so many first")).hasValue("1, 10");
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

        page = browser.open("/dead-letters?view=list&function=" + images);
        page.locator("letter-list tbody tr")
                .filter(new Locator.FilterOptions().setHasText("came back"))
                .first()
                .locator("a.opens")
                .click();
        assertThat(page.locator("dead-letter")).containsText("this is generation 2 of its call");
        page.locator(".page-head button.primary").click();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("It was replayed 1× and came back");
        assertThat(browser.barriers()).isEmpty();
        button(page, "Cancel").click();
        assertThat(server.deadLetters(images)).hasSize(20);
    }

    @Test
    void aReplayGoesInStagesAndItsNumbersLeadToItsCalls() throws Exception {
        String mended = server.deployScript("mended", "cat > /dev/null; exit 1", ONCE);
        for (int i = 0; i < 12; i++) {
            server.callAsync(mended, "order " + i);
        }
        await().atMost(Duration.ofSeconds(60))
                .until(() -> server.deadLetters(mended).size() == 12);
        server.system(
                "PUT", "/system/functions", "{\"service\":\"" + mended + "\",\"image\":\"x\",\"envProcess\":\"cat\"}");

        Page page = browser.open("/dead-letters?view=list&function=" + mended);
        button(page, "Replay all 12…").click();
        Locator dialog = page.locator("bulk-replay dialog");
        dialog.getByLabel("Why, for the audit log").fill("mended – at last");
        dialog.getByLabel("Calls under way").fill("5");
        dialog.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Replay 12"))
                .click();
        Locator job = page.locator("replay-job");
        assertThat(job.locator("h1")).containsText("done", PATIENTLY);
        assertThat(job.locator(".stages li").first()).containsText("passed", PATIENTLY);
        assertThat(job.locator(".stages li")).hasCount(3);
        assertThat(job.locator(".facts")).containsText("Succeeded12", PATIENTLY);
        browser.picture("stages");
        assertThat(browser.barriers()).isEmpty();
        job.locator(".facts div")
                .filter(new Locator.FilterOptions().setHasText("Succeeded"))
                .locator("a")
                .click();
        assertThat(page).hasURL(Pattern.compile("calls[?]replay=.*&status=succeeded"));
        assertThat(page.locator("call-list tbody tr")).hasCount(12);

        page = browser.open("/audit?action=replay-dead-letters");
        assertThat(page.locator("audit-list")).containsText("mended – at last");
        Download file = downloaded(page, "CSV");
        assertThat(file.suggestedFilename()).isEqualTo("audit.csv");
        assertThat(Files.readString(file.path())).contains("at,user,role,action", "mended – at last");
    }

    @Test
    void aReplayWaitsForItsTimeAndCanBePaused() throws Exception {
        Page page = browser.open("/dead-letters?view=list&function=" + mails);
        button(page, "Replay all").click();
        Locator dialog = page.locator("bulk-replay dialog");
        dialog.getByLabel("Not before")
                .fill(LocalDateTime.now()
                        .plusDays(1)
                        .truncatedTo(ChronoUnit.MINUTES)
                        .toString());
        dialog.locator("button.primary").click();

        Locator job = page.locator("replay-job");
        assertThat(job.locator("h1")).containsText("scheduled");
        assertThat(job.locator(".notice")).containsText("It begins at");
        button(page, "Pause").click();
        assertThat(job.locator("h1")).containsText("paused");
        button(page, "Go on").click();
        assertThat(job.locator("h1")).containsText("scheduled");
        browser.picture("scheduled");
        button(page, "Cancel the rest").click();
        assertThat(job.locator("h1")).containsText("cancelled");
        assertThat(job.locator(".progress")).containsText("0 of");
    }

    private static Download downloaded(Page page, String name) {
        return page.waitForDownload(() -> page.getByText(name).first().click());
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
        Download table = downloaded(page, "CSV");
        assertThat(table.suggestedFilename()).isEqualTo("dead-letters.csv");
        assertThat(Files.readAllLines(table.path())).hasSize(12);
        Download script = downloaded(page, "curl");
        assertThat(script.suggestedFilename()).isEqualTo("dead-letters.sh");
        assertThat(Files.readString(script.path())).startsWith("#!/bin/sh").contains("| call '" + orders);

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
