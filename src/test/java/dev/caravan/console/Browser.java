package dev.caravan.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.caravan.testing.Requirement;
import dev.caravan.testing.TestServer;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The system's Chromium, with a fresh profile for each test. After each test nothing may have gone wrong in the page: no
 * error in its console, no exception, no violation of the page's policy.
 */
final class Browser implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {

    /** Where pictures of what tests saw are kept. */
    static final Path PICTURES = Path.of(System.getProperty("caravan.target", "target"), "console");

    private static final String PROGRAMS = "chromium chromium-browser google-chrome";
    private static final int PATIENCE = 30_000;
    private static final String AXE = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";

    private final TestServer server;
    private final List<String> problems = new ArrayList<>();

    /** Answers that a test wants to be errors. A browser writes each to its console. */
    private final List<String> expected = new ArrayList<>();

    private @Nullable Playwright playwright;
    private com.microsoft.playwright.@Nullable Browser browser;
    private @Nullable BrowserContext context;
    private @Nullable Page page;

    Browser(TestServer server) {
        this.server = server;
    }

    @Override
    public void beforeAll(ExtensionContext test) {
        Optional<Path> program = program();
        Requirement.that(program.isPresent(), "The console is tested in a browser; install the package chromium");
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(program.orElseThrow())
                        .setArgs(List.of("--disable-dev-shm-usage")));
    }

    private static Optional<Path> program() {
        List<String> folders = Arrays.asList(System.getenv("PATH").split(File.pathSeparator));
        return Stream.of(PROGRAMS.split(" "))
                .flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        problems.clear();
        expected.clear();
        context = Objects.requireNonNull(browser)
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setViewportSize(1440, 900));
        context.setDefaultTimeout(PATIENCE);
        page = newPage();
    }

    /** One more tab of the same browser. */
    Page newPage() {
        Page fresh = Objects.requireNonNull(context).newPage();
        fresh.onConsoleMessage(message -> {
            String said = message.text() + " " + message.location();
            // Asking who one is before signing in is answered 401, which every browser notes.
            boolean ofAxe = said.contains("Canvas2D");
            boolean asksWhoItIs = said.contains("status of 401") && said.contains("/system/session");
            if ((message.type().equals("error") || message.type().equals("warning")) && !asksWhoItIs && !ofAxe) {
                problems.add(said);
            }
        });
        fresh.onPageError(problems::add);
        return fresh;
    }

    @Override
    public void afterEach(ExtensionContext test) throws IOException {
        if (test.getExecutionException().isPresent()) {
            picture("failed-" + test.getRequiredTestMethod().getName());
        }
        Objects.requireNonNull(context).close();
        if (test.getExecutionException().isEmpty()) {
            assertThat(problems)
                    .as("in the browser's console")
                    .filteredOn(problem -> expected.stream().noneMatch(problem::contains))
                    .isEmpty();
        }
    }

    @Override
    public void afterAll(ExtensionContext test) {
        if (playwright != null) {
            playwright.close();
        }
    }

    Page page() {
        return Objects.requireNonNull(page);
    }

    /** Lets the browser's console say this. */
    void expect(String text) {
        expected.add(text);
    }

    /** Opens a place in the console, signing in when it asks for that. @param place behind the {@code #} */
    Page open(String place) {
        page().navigate(server.url("/ui/#" + place));
        page().locator("sign-in-form, header.bar").waitFor();
        if (page().locator("sign-in-form").isVisible()) {
            signIn("admin", server.password());
            page().locator("header.bar").waitFor();
        }
        return page();
    }

    void signIn(String user, String password) {
        page().getByLabel("User").fill(user);
        page().getByLabel("Password").fill(password);
        page().getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in"))
                .click();
    }

    /**
     * Replaces all that stands in a code editor, as hands would. {@code Locator.fill} selects behind the back of an editor
     * that keeps a selection of its own: one that was given the focus just before may put that back first.
     */
    void retype(Locator editor, String text) {
        editor.press("ControlOrMeta+a");
        page().keyboard().insertText(text);
    }

    void picture(String name) throws IOException {
        Files.createDirectories(PICTURES);
        page().screenshot(new Page.ScreenshotOptions()
                .setPath(PICTURES.resolve(name + ".png"))
                .setFullPage(true));
    }

    /** What axe finds wrong with the page as it is now, from "serious" on. */
    List<String> barriers() throws IOException {
        page().evaluate(axe());
        Object found = page().evaluate("""
                async () => (await axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}))
                    .violations
                    .filter(each => each.impact === 'serious' || each.impact === 'critical')
                    .map(each => each.id + ': ' + each.nodes.map(node => node.target + ' ' + node.failureSummary).join('; '))
                """);
        return ((List<?>) found).stream().map(String::valueOf).toList();
    }

    private static String axe() throws IOException {
        try (InputStream in = Objects.requireNonNull(Browser.class.getResourceAsStream(AXE))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
