package dev.caravan.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.caravan.testing.RedisServer;
import dev.caravan.testing.ResqueUi;
import dev.caravan.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A dashboard for Resque that others wrote, in a browser, on the Redis that Caravan works on: it shows Caravan's workers,
 * jobs and failures like everybody's, and what is tried again there is run here.
 */
class ResqueUiIT {

    @TempDir
    static Path folder;

    private static final TestServer SERVER = TestServer.with();
    private static RedisServer redis;
    private static ResqueUi ui;

    @RegisterExtension
    static final Browser browser = new Browser(SERVER);

    @BeforeAll
    static void start() throws Exception {
        redis = RedisServer.start(folder.resolve("redis"));
        ui = ResqueUi.start(folder.resolve("ui"), redis);
        SERVER.set("CARAVAN_REDIS_URL=" + redis.url())
                .set("CARAVAN_RESQUE_QUEUES=low,high")
                .set("CARAVAN_RESQUE_CONCURRENCY=1")
                .start();
        Files.writeString(folder.resolve("mail.sh"), "cat > /dev/null; test -e " + mended());
        SERVER.deployAs("mail", "sh " + folder.resolve("mail.sh"), Map.of(), "com.openfaas.retry.attempts=0");
        Files.writeString(folder.resolve("slow.sh"), "until test -e " + released() + "; do sleep 0.1; done");
        SERVER.deployAs("slow", "sh " + folder.resolve("slow.sh"), Map.of());
        SERVER.awaitReplica("mail");
        SERVER.awaitReplica("slow");
        // At once, so that its worker is at it for as long as it takes.
        Files.writeString(SERVER.routes().resolve("triggers/slow.camel.yaml"), """
                - route:
                    id: slow
                    description: Does jobs of the class Slow.
                    from:
                      uri: direct:Slow
                      steps:
                        - to:
                            uri: function:slow
                """);
        soon().until(() -> SERVER.system("/system/routes/slow").status() == 200);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
        if (ui != null) {
            ui.close();
        }
        if (redis != null) {
            redis.close();
        }
    }

    @BeforeEach
    void clean() throws Exception {
        // Its letters come from elsewhere, and it has no icon.
        browser.expect("fonts.googleapis.com");
        browser.expect("favicon.ico");
        Files.deleteIfExists(mended());
        Files.deleteIfExists(released());
        redis.ask("DEL", "resque:failed", "resque:stat:processed", "resque:stat:failed");
    }

    /** Whatever a test was at, the next one finds a worker that is free. */
    @AfterEach
    void release() throws Exception {
        if (Files.notExists(released())) {
            Files.createFile(released());
        }
        soon().until(() -> redis.list("KEYS", "resque:caravan:inflight:*").isEmpty());
    }

    /** While it is there, the function does its work. */
    private static Path mended() {
        return folder.resolve("mended");
    }

    private static Path released() {
        return folder.resolve("released");
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    private static void push(String queue, String job) {
        redis.ask("SADD", "resque:queues", queue);
        redis.ask("RPUSH", "resque:queue:" + queue, job);
    }

    private static void awaitProcessed(long count) {
        soon().untilAsserted(() ->
                assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(count));
    }

    /** By way of another page, so that it is made anew; not loaded anew: its script cannot stand coming from the cache. */
    private static Page open(String page) {
        browser.page().navigate(ui.url("locks"));
        browser.page().navigate(ui.url(page));
        return browser.page();
    }

    private static Locator row(Page page, String text) {
        return page.locator("tr").filter(new Locator.FilterOptions().setHasText(text));
    }

    @Test
    void itShowsOurWorkersWhatTheyAreAtAndHowManyJobsWait() throws Exception {
        push("low", "{\"class\":\"Slow\",\"args\":[]}");
        soon().until(() -> !redis.list("KEYS", "resque:worker:*:low,high").isEmpty());
        push("low", "{\"class\":\"Mail\",\"args\":[7,\"a/b <é>\"]}");
        push("low", "{\"class\":\"Mail\",\"args\":[8]}");
        push("high", "{\"class\":\"Mail\",\"args\":[9]}");

        Page page = open("workers");
        String worker = redis.list("SMEMBERS", "resque:workers").get(0).replace(":low,high", "");
        Locator ours = row(page, worker.split(":")[1]);
        assertThat(ours).containsText(worker.split(":")[0]);
        assertThat(ours).containsText("low");
        assertThat(ours).containsText("high");
        assertThat(ours).containsText(Pattern.compile("working on low#Slow for \\d+s"));
        assertThat(page.locator("h1")).hasText("Workers (1)");
        browser.picture("resque-ui-workers");

        open("");
        assertThat(row(page, worker)).containsText("working on low#Slow");
        assertThat(row(page, "low").first()).containsText("2");
        assertThat(row(page, "high").first()).containsText("1");
        browser.picture("resque-ui");

        open("queue/low");
        assertThat(page.locator("#jobTable tbody tr")).hasCount(2);
        assertThat(page.locator("#jobTable tbody tr").first()).containsText("\"a/b <é>\"");

        Files.createFile(mended());
        Files.createFile(released());
        awaitProcessed(4);
        open("workers");
        assertThat(ours).containsText("started");
        assertThat(redis.number("EXISTS", "resque:failed")).isZero();
    }

    @Test
    void aFailureOfOursIsReadTriedAgainAndRemovedThere() throws Exception {
        push("low", "{\"class\":\"Mail\",\"args\":[12345,{\"to\":\"jane/é\"}]}");
        push("low", "{\"class\":\"Nobody\",\"args\":[]}");
        awaitProcessed(2);

        Page page = open("failed");
        Locator mail = row(page, "Mail");
        Locator nobody = row(page, "Nobody");
        assertThat(page.locator("h1")).hasText("Failed Jobs (2)");
        assertThat(mail).containsText("Caravan::AttemptsExhausted: ");
        assertThat(mail).containsText(redis.list("SMEMBERS", "resque:workers").get(0));
        assertThat(mail).containsText(Pattern.compile("\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d UTC"));
        assertThat(mail).containsText("12345");
        assertThat(mail).containsText("{\"to\":\"jane/é\"}");
        assertThat(nobody).containsText("is not deployed");
        mail.getByText("➕").click();
        assertThat(page.locator(".modal")).containsText("Stack");
        assertThat(page.locator(".modal")).containsText("500");
        browser.picture("resque-ui-failed");
        page.locator(".modal")
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Close"))
                .click();

        Files.createFile(mended());
        mail.getByText("Retry").click();
        awaitProcessed(3);
        assertThat(redis.number("GET", "resque:stat:failed")).isEqualTo(2);
        open("failed");
        assertThat(page.locator("h1")).hasText("Failed Jobs (1)");
        nobody.getByText("Remove").click();
        assertThat(page.locator("h1")).hasText("Failed Jobs (0)");
        assertThat(redis.number("EXISTS", "resque:failed")).isZero();
    }
}
