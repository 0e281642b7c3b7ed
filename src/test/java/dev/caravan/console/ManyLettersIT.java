package dev.caravan.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** More letters than anybody reads: {@code -Dcaravan.test.letters=100000} is what the page is made for. */
class ManyLettersIT {

    private static final int MANY = Integer.getInteger("caravan.test.letters", 3_000);
    private static final int BATCH = 250;
    private static final int PAGES = 10;
    private static final int SAMPLES = 40;
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final Browser browser = new Browser(server);

    @BeforeAll
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    static void putThemThere() throws Exception {
        Instant first = Instant.now().minus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS);
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try {
            List<Future<Reply>> imports = new ArrayList<>();
            for (int from = 0; from < MANY; from += BATCH) {
                int begin = from;
                imports.add(clients.submit(() -> {
                    var lines = new StringBuilder();
                    for (int i = begin; i < Math.min(MANY, begin + BATCH); i++) {
                        lines.append(line(i, first.plusMillis(i))).append('\n');
                    }
                    return server.system("POST", "/system/dead-letters/import", lines.toString());
                }));
            }
            for (Future<Reply> each : imports) {
                assertThat(each.get().status()).isEqualTo(202);
            }
        } finally {
            clients.shutdownNow();
        }
    }

    private static String line(int number, Instant deadAt) throws IOException {
        return JSON.writeValueAsString(Map.of(
                "callId",
                UUID.randomUUID().toString(),
                "queue",
                "faas-request",
                "reason",
                "rejected",
                "statusCode",
                400,
                "error",
                "it was refused",
                "attempts",
                1,
                "deadAt",
                deadAt.toString(),
                "call",
                Map.of(
                        "CaravanVersion",
                        1,
                        "CaravanFunction",
                        "many-" + number % 10,
                        "CaravanNamespace",
                        "openfaas-fn",
                        "CaravanHeaders",
                        "{\"Content-Type\":[\"text/plain\"]}"),
                "history",
                List.of(),
                "body",
                "order " + number + "," + " failed".repeat(20)));
    }

    @Test
    void whatConcernsManyIsConfirmedByTheirNumber() throws Exception {
        Page page = browser.open("/dead-letters?view=list");
        for (String[] step : new String[][] {
            {"Replay all", "bulk-replay dialog", "button.primary"}, {"Delete all", "body > dialog", "button.danger"}
        }) {
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(step[0]))
                    .click();
            Locator dialog = page.locator(step[1]);
            assertThat(dialog.locator(step[2])).isDisabled();
            dialog.getByLabel("Type " + MANY).fill(MANY - 1 + "");
            assertThat(dialog.locator(step[2])).isDisabled();
            dialog.getByLabel("Type " + MANY).fill(MANY + "");
            assertThat(dialog.locator(step[2])).isEnabled();
            assertThat(browser.barriers()).isEmpty();
            dialog.getByText("Cancel").click();
        }
    }

    /** As a client sees it: by the API, page behind page. */
    @Test
    void pagesOfAllOfAFieldAndOfAWordInBodiesAreSoonThere() throws Exception {
        var figures = new StringBuilder();
        String cursor = "";
        var all = new ArrayList<Double>();
        for (int i = 0; i < SAMPLES; i++) {
            JsonNode page = asked("limit=50" + cursor, all);
            assertThat(page.get("items")).hasSize(50);
            cursor = "&cursor=" + page.get("next").asText();
        }
        figures.append(said("any 50", all));
        var field = new ArrayList<Double>();
        var word = new ArrayList<Double>();
        for (int i = 0; i < SAMPLES; i++) {
            assertThat(asked("limit=50&q=fn:many-" + i % 10 + "+http:400", field)
                            .get("items"))
                    .hasSize(50);
            int number = (int) ((long) i * MANY / SAMPLES);
            assertThat(asked("limit=50&q=body:%22order+" + number + ",%22", word)
                            .at("/items/0/function")
                            .asText())
                    .isEqualTo("many-" + number % 10);
        }
        figures.append(said("50 by function and status", field));
        figures.append(said("one by its body", word));
        Files.createDirectories(Browser.PICTURES);
        Files.writeString(Browser.PICTURES.resolve("many-letters-api.txt"), figures);

        assertThat(sorted(all).get(SAMPLES / 2))
                .as("200 ms, with room for a slow machine")
                .isLessThan(5_000);
    }

    private static JsonNode asked(String query, List<Double> millis) {
        long begun = System.nanoTime();
        Reply reply = server.system("/system/dead-letters?" + query);
        millis.add((System.nanoTime() - begun) / 1e6);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json();
    }

    private static String said(String what, List<Double> millis) {
        List<Double> sorted = sorted(millis);
        return String.format(
                Locale.ROOT,
                "%s of %,d: p50 %.0f ms, p95 %.0f ms, at most %.0f ms%n",
                what,
                MANY,
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() * 95 / 100),
                sorted.get(sorted.size() - 1));
    }

    private static List<Double> sorted(List<Double> millis) {
        return millis.stream().sorted().toList();
    }

    /** Measured from the click until the rows are there; the page must not grow with what it has shown. */
    @Test
    void theyArePagedThroughWithoutAWait() throws Exception {
        Page page = browser.open("/dead-letters?view=list");
        String all = String.format(Locale.ROOT, "%,d letters", MANY);
        assertThat(page.locator("letter-list [role=status]").first()).hasText(all);
        assertThat(page.locator("letter-times time-chart")).isVisible();
        int before = (Integer) page.evaluate("document.querySelectorAll('*').length");
        double slowest = 0;
        var figures = new StringBuilder();
        for (int i = 0; i < PAGES; i++) {
            double millis = ((Number) page.evaluate("""
                            async () => {
                              const newest = document.querySelector('letter-list a.opens').href;
                              const begun = performance.now();
                              [...document.querySelectorAll('.pager button')].find(each => each.textContent === 'Older').click();
                              while (document.querySelector('letter-list a.opens')?.href === newest) {
                                await new Promise(requestAnimationFrame);
                              }
                              return performance.now() - begun;
                            }""")).doubleValue();
            slowest = Math.max(slowest, millis);
            figures.append(String.format(Locale.ROOT, "page %d after %.0f ms%n", i + 2, millis));
        }
        Locator search = page.getByLabel("Search");
        search.fill("order 1234,");
        long begun = System.nanoTime();
        page.keyboard().press("Enter");
        assertThat(page.locator("letter-list tbody tr")).hasCount(1);
        figures.append(String.format(
                Locale.ROOT, "one of %,d by its body after %d ms%n", MANY, (System.nanoTime() - begun) / 1_000_000));
        Files.createDirectories(Browser.PICTURES);
        Files.writeString(Browser.PICTURES.resolve("many-letters.txt"), figures);
        search.fill("");
        page.keyboard().press("Enter");
        assertThat(page.locator("letter-list tbody tr")).hasCount(50);
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Groups"))
                .click();
        assertThat(page.locator("letter-groups tbody tr")).hasCount(10);

        page.goBack();
        assertThat(page.locator("letter-list tbody tr")).hasCount(50);
        assertThat((Integer) page.evaluate("document.querySelectorAll('*').length"))
                .isLessThan(before + 20);
        assertThat(slowest).as("200 ms, with room for a slow machine").isLessThan(5_000);
    }
}
