package dev.caravan.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.caravan.gateway.auth.PasswordHash;
import dev.caravan.testing.RedisServer;
import dev.caravan.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Resque's queues, workers and failures in a browser, among them what others wrote and should not have. */
class ResquePageIT {

    private static final String XSS = "<img src=x onerror=alert(1)>";

    @TempDir
    static Path folder;

    private static final TestServer SERVER = TestServer.with();
    private static RedisServer redis;

    @RegisterExtension
    static final Browser browser = new Browser(SERVER);

    @BeforeAll
    static void start() {
        redis = RedisServer.start(folder);
        SERVER.set("CARAVAN_REDIS_URL=" + redis.url())
                .set("CARAVAN_RESQUE_QUEUES=nothing")
                .set("CARAVAN_RESQUE_CONCURRENCY=2")
                .start();
    }

    @AfterAll
    static void stop() {
        SERVER.close();
        if (redis != null) {
            redis.close();
        }
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static String failed(String className, String more) {
        return "{\"failed_at\":\"2026/11/21 20:00:00 UTC\",\"payload\":{\"class\":\"" + className
                + "\",\"args\":[\"" + XSS + "\"]},\"exception\":\"E\",\"error\":\"" + XSS
                + "\",\"backtrace\":[\"" + XSS + "\"],\"worker\":\"vm:1:" + XSS + "\",\"queue\":\"mail\"" + more + "}";
    }

    @Test
    void queuesAndWorkersAreShownWhateverTheyAreCalledAndAllAreStopped() throws Exception {
        redis.ask("SADD", "resque:queues", XSS, "odd");
        redis.ask("RPUSH", "resque:queue:" + XSS, "1", "2");
        redis.ask("SET", "resque:queue:odd", "no list");
        redis.ask("SADD", "resque:workers", XSS, "vm:1:*");
        redis.ask(
                "SET",
                "resque:worker:vm:1:*",
                "{\"queue\":\"q\",\"run_at\":\"" + XSS + "\",\"payload\":{\"class\":\"" + XSS
                        + "\",\"args\":[12345678901234567890]}}");
        redis.ask("HSET", "resque:workers:heartbeat", "vm:1:*", "2026-11-21T21:06:40+00:00");
        redis.ask("ZADD", "resque:delayed_queue_schedule", "99999999999", "99999999999");
        redis.ask("RPUSH", "resque:delayed:99999999999", "{\"class\":\"" + XSS + "\",\"args\":[]}");

        Page page = browser.open("/overview");
        page.getByRole(
                        AriaRole.LINK,
                        new Page.GetByRoleOptions().setName("Resque").setExact(true))
                .click();
        Locator overview = page.locator("resque-overview");
        assertThat(overview).containsText("2 jobs wait");
        assertThat(overview).containsText("it is not a list");
        assertThat(overview).containsText("its id is not host:pid:queues");
        assertThat(overview).containsText("[12345678901234567890]");
        assertThat(overview).containsText("-caravan:");
        assertThat(overview.locator("img")).hasCount(0);
        browser.picture("resque");
        assertThat(browser.barriers()).isEmpty();

        button(page, "Pause all workers").click();
        assertThat(overview).containsText("All workers are paused");
        assertThat(redis.text("GET", "resque:pause-all-workers")).isEqualTo("true");
        button(page, "Let all workers go on").click();
        assertThat(button(page, "Pause all workers")).isVisible();
        assertThat(redis.number("EXISTS", "resque:pause-all-workers")).isZero();
    }

    @Test
    void failuresAreTriedAgainRemovedAndClearedAndMalformedOnesBreakNothing() throws Exception {
        redis.ask("DEL", "resque:failed");
        redis.ask("RPUSH", "resque:failed", "junk " + XSS, failed("Broken", ",\"failed_at\":7"), failed("Mail", ""));
        Page page = browser.open("/resque/failures");
        Locator rows = page.locator("resque-failures tbody tr");
        assertThat(rows).hasCount(3);
        assertThat(rows.nth(1)).containsText("malformed: it does not say when");
        assertThat(rows.nth(2)).containsText("malformed: it is not JSON");
        assertThat(rows.nth(2)).containsText("junk <img");
        assertThat(page.locator("resque-failures img")).hasCount(0);
        rows.nth(0).getByText("Backtrace").click();
        assertThat(rows.nth(0).locator("pre")).containsText(XSS);
        browser.picture("resque-failures");
        assertThat(browser.barriers()).isEmpty();

        button(page, "Retry Mail").click();
        assertThat(page.locator(".toasts")).containsText("The job stands on mail again");
        assertThat(rows.nth(0)).containsText("retried");
        assertThat(button(page, "Retry Mail")).hasCount(0);
        assertThat(redis.number("LLEN", "resque:queue:mail")).isEqualTo(1);

        rows.nth(1).getByText("Remove").click();
        button(page, "Remove it").click();
        assertThat(rows).hasCount(2);
        button(page, "Remove all…").click();
        assertThat(button(page, "Remove them all")).isDisabled();
        page.getByLabel("Type 2 to confirm").fill("2");
        assertThat(browser.barriers()).isEmpty();
        button(page, "Remove them all").click();
        assertThat(page.locator("resque-failures")).containsText("Nothing failed.");
        assertThat(redis.number("EXISTS", "resque:failed")).isZero();
    }

    /** What stands in Redis is of all functions, and full of what jobs are about. */
    @Test
    void thePageIsOfferedToWhoSeesEverything() throws Exception {
        String password = "correct horse battery";
        Files.writeString(
                SERVER.data().resolve("secrets/users"),
                "nora:operator[-bodies]:" + PasswordHash.of(password.getBytes(UTF_8)) + "\n");
        String credentials = Base64.getEncoder().encodeToString(("nora:" + password).getBytes(UTF_8));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> SERVER.get("/system/session", "Authorization", "Basic " + credentials)
                                .status()
                        == 200);
        Page page = browser.page();
        page.navigate(SERVER.url("/ui/#/resque"));
        browser.signIn("nora", password);

        assertThat(page.locator("main h1")).hasText("Overview");
        assertThat(page.locator("nav[aria-label=Pages]")).containsText("Routes");
        assertThat(page.locator("nav[aria-label=Pages]")).not().containsText("Resque");
    }

    @Test
    void aRedisThatIsAwayIsSaidAndFoundAgain() throws Exception {
        Page page = browser.open("/resque");
        assertThat(page.locator("resque-overview .facts")).isVisible();
        redis.kill();
        browser.expect("503");
        button(page, "Reload").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("does not answer");
        redis.restart();
        button(page, "Try again").click();
        assertThat(page.getByRole(AriaRole.ALERT)).hasCount(0);
    }
}
