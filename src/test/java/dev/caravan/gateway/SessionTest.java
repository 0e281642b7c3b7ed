package dev.caravan.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.FunctionAccess;
import dev.caravan.gateway.auth.BasicAuth;
import dev.caravan.gateway.auth.Caller;
import dev.caravan.gateway.auth.ProxyAuth;
import dev.caravan.gateway.auth.Role;
import dev.caravan.gateway.auth.Session;
import dev.caravan.gateway.auth.Sessions;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.FakeFunctionProvider;
import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.ScriptedFunction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A browser that is signed in, over real sockets: what it may do, and what others cannot make it do. */
@SuppressWarnings("NullAway.Init") // made before each test
class SessionTest {

    private static final String ADMIN = basic("admin:secret");
    private static final String VIEWER = basic("vera:correct horse");

    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final FakeFunctionProvider deployed = new FakeFunctionProvider();
    private final SubmissionPublisher<String> news = new SubmissionPublisher<>();
    private BasicAuth auth;
    private Sessions sessions;
    private Guard guard;
    private TestGateway gateway;
    private ScriptedFunction function;

    @TempDir
    Path folder;

    /** What a sign-in gave. */
    private record SignedIn(String cookie, String token) {}

    @BeforeEach
    void start() throws Exception {
        Files.writeString(folder.resolve("basic-auth-user"), "admin");
        Files.writeString(folder.resolve("basic-auth-password"), "secret");
        Files.writeString(
                folder.resolve("users"), "vera:viewer:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2");
        auth = BasicAuth.in(folder, () -> now);
        sessions = auth.sessions(Duration.ofMinutes(30), Duration.ofHours(12));
        guard = new Guard(
                auth,
                sessions,
                deployed,
                "openfaas-fn",
                FunctionAccess.NONE,
                id -> Optional.empty(),
                Runnable::run,
                ProxyAuth.NONE);
        gateway = new TestGateway(guard, Duration.ofSeconds(30));
        gateway.camel.getRegistry().bind("session", new SessionApi(sessions, false, false));
        gateway.load("sign-in").load("sign-out").load("show-session");
        gateway.with(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/looks?httpMethodRestrict=GET")
                        .routeGroup("viewer")
                        .setBody(simple("cookie=${header.Cookie}"));
                from("platform-http:/acts").routeGroup("operator").setBody(constant("done"));
                from("platform-http:/watches?useStreaming=true")
                        .routeGroup("viewer")
                        .process(exchange -> new LiveAnswer<>(news, Function.identity(), ":").to(exchange));
            }
        });
        function = ScriptedFunction.answering(
                "page",
                "Content-Type: text/html",
                "Content-Security-Policy: sandbox allow-same-origin",
                "Service-Worker-Allowed: /",
                "Set-Cookie: caravan-session=forged; Path=/",
                "Set-Cookie: theirs=1");
        gateway.replicas.with("open", function.uri()).with("safe", function.uri());
        deployed.deploy(Deployments.of("open"));
        deployed.deploy(Deployments.annotated(Deployments.of("safe"), Map.of(FunctionAccess.ANNOTATION, "basic")));
    }

    @AfterEach
    void stop() throws Exception {
        news.close();
        gateway.close();
        auth.close();
        function.close();
    }

    @Test
    void signingInGivesTwoCookiesAndAToken() throws Exception {
        HttpMessage answer = post("/system/session", "Authorization: " + ADMIN);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.body())
                .contains("\"user\":\"admin\",\"role\":\"admin\"", "\"until\":\"2026-01-01T12:00:00Z\"");
        List<String> cookies = answer.values("set-cookie");
        assertThat(cookies).hasSize(2);
        assertThat(cookies.get(0)).matches("caravan-session=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict");
        assertThat(cookies.get(1)).isEqualTo("caravan-signed-in=1; Path=/; HttpOnly; SameSite=Lax");
        assertThat(token(answer.body())).matches("[\\w-]{43}");
    }

    @Test
    void overTlsTheCookiesNeverGoWithoutIt() throws Exception {
        HttpMessage answer = post("/system/session", "Authorization: " + ADMIN, "X-Forwarded-Proto: https");

        assertThat(answer.values("set-cookie")).hasSize(2).allMatch(cookie -> cookie.endsWith("; Secure"));
    }

    @Test
    void theCookieStandsForUserAndRole() throws Exception {
        SignedIn vera = signIn(VIEWER);

        assertThat(get("/system/session", vera.cookie()).body())
                .contains("\"user\":\"vera\",\"role\":\"viewer\",\"readOnly\":false,\"resque\":false,\"token\":\""
                        + vera.token());
        assertThat(get("/looks", vera.cookie()).status()).isEqualTo(200);
        HttpMessage low = post("/acts", vera.cookie(), "X-Caravan-Token: " + vera.token());
        assertThat(low.status()).isEqualTo(403);
        assertThat(low.body()).isEqualTo("this needs the role operator, yours is viewer\n");
    }

    @Test
    void aWrongPasswordIsRefusedWithoutTheBrowsersPasswordWindowAndSlowedDown() throws Exception {
        String wrong = "Authorization: " + basic("admin:guess");

        HttpMessage refused = post("/system/session", wrong, "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: same-origin");
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.values("www-authenticate")).isEmpty();
        assertThat(refused.values("set-cookie")).isEmpty();
        HttpMessage last = refused;
        for (int i = 0; i < 60 && last.status() == 401; i++) {
            last = post("/system/session", "Authorization: " + basic("vera:guess-" + i));
        }
        assertThat(last.status()).isEqualTo(429);
        assertThat(last.value("retry-after")).isEqualTo("60");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-None: x", "X-Caravan-Token: ", "X-Caravan-Token: wrong", "X-Caravan-Token: another's"})
    void aCookieAloneChangesNothing(String header) throws Exception {
        SignedIn admin = signIn(ADMIN);
        SignedIn other = signIn(ADMIN);

        HttpMessage refused = post("/acts", admin.cookie(), header.replace("another's", other.token()));

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).isEqualTo("the header X-Caravan-Token is missing or not this session's\n");
        assertThat(post("/acts", admin.cookie(), "X-Caravan-Token: " + admin.token())
                        .body())
                .isEqualTo("done");
    }

    @ParameterizedTest
    @CsvSource({"cross-site, 403", "same-site, 403", "same-origin, 200", "none, 200"})
    void anotherSitesPageMakesNobodyChangeAnything(String site, int status) throws Exception {
        SignedIn admin = signIn(ADMIN);
        String from = "Sec-Fetch-Site: " + site;

        assertThat(post("/acts", admin.cookie(), "X-Caravan-Token: " + admin.token(), from)
                        .status())
                .isEqualTo(status);
        assertThat(post("/acts", "Authorization: " + ADMIN, from).status())
                .as("a password that the browser remembers")
                .isEqualTo(status);
        assertThat(post("/system/session", "Authorization: " + ADMIN, from).status())
                .isEqualTo(status == 200 ? 201 : 403);
    }

    @Test
    void aSessionEndsByItselfAndByCommand() throws Exception {
        SignedIn idle = signIn(ADMIN);
        now = now.plus(Duration.ofMinutes(30));
        HttpMessage over = get("/looks", idle.cookie(), "Sec-Fetch-Mode: cors");
        assertThat(over.status()).isEqualTo(401);
        assertThat(over.values("www-authenticate")).isEmpty();

        SignedIn busy = signIn(ADMIN);
        for (int i = 0; i < 24; i++) {
            assertThat(get("/looks", busy.cookie()).status()).isEqualTo(200);
            now = now.plus(Duration.ofMinutes(29).plusSeconds(59));
        }
        now = now.plus(Duration.ofSeconds(24));
        assertThat(get("/looks", busy.cookie()).status()).as("after 12 hours").isEqualTo(401);

        SignedIn left = signIn(ADMIN);
        HttpMessage out = RawClient.ask(
                gateway.port(),
                "DELETE /system/session HTTP/1.1\nHost: test\n" + left.cookie() + "\nX-Caravan-Token: " + left.token(),
                "");
        assertThat(out.status()).isEqualTo(200);
        assertThat(out.values("set-cookie")).hasSize(2).allMatch(cookie -> cookie.endsWith("; Max-Age=0"));
        assertThat(get("/looks", left.cookie()).status()).isEqualTo(401);
    }

    @Test
    void whatIsWatchedInASessionEndsWithIt() throws Exception {
        SignedIn out = signIn(ADMIN);
        SignedIn idle = signIn(ADMIN);
        try (var byPassword = watching("Authorization: " + ADMIN);
                var signedOut = watching(out.cookie());
                var forgotten = watching(idle.cookie())) {
            RawClient.ask(
                    gateway.port(),
                    "DELETE /system/session HTTP/1.1\nHost: test\n" + out.cookie() + "\nX-Caravan-Token: "
                            + out.token(),
                    "");
            assertThat(chunk(signedOut)).as("the end of a whole answer").isEmpty();

            news.submit("one");
            assertThat(chunk(forgotten)).isEqualTo("one");
            assertThat(chunk(byPassword)).isEqualTo("one");
            now = now.plus(Duration.ofHours(12));
            assertThat(chunk(forgotten)).isEmpty();

            news.submit("two");
            assertThat(chunk(byPassword))
                    .as("who brought a password has no session")
                    .isEqualTo("two");
        }
    }

    @Test
    void aPageThatIsOpenKeepsItsSessionButNotForEver() {
        var admin = new Caller("admin", Role.ADMIN, null);
        Session session = sessions.open(admin).orElseThrow();
        var watching = new Caller("admin", Role.ADMIN, session);

        for (int i = 0; i < 24; i++) {
            assertThat(guard.mayStay(watching)).isTrue();
            now = now.plus(Duration.ofMinutes(29).plusSeconds(59));
        }
        now = now.plus(Duration.ofSeconds(24));
        assertThat(guard.mayStay(watching)).as("after 12 hours").isFalse();
        assertThat(guard.mayStay(admin)).as("who brought a password").isTrue();
    }

    private RawClient watching(String credentials) throws Exception {
        var client = new RawClient(gateway.port());
        client.send("GET /watches HTTP/1.1\nHost: test\n" + credentials, "");
        assertThat(HttpMessage.head(client.in()).status()).isEqualTo(200);
        return client;
    }

    private static String chunk(RawClient client) throws Exception {
        int length = Integer.parseInt(line(client), 16);
        String text = new String(client.in().readNBytes(length), UTF_8);
        line(client);
        return text;
    }

    private static String line(RawClient client) throws Exception {
        var line = new StringBuilder();
        for (int each = client.in().read(); each != '\n'; each = client.in().read()) {
            assertThat(each).as("the stream was cut behind %s", line).isNotNegative();
            line.append((char) each);
        }
        return line.toString().strip();
    }

    @Test
    void signingInAgainEndsTheSessionBefore() throws Exception {
        SignedIn first = signIn(ADMIN);
        HttpMessage again = post("/system/session", first.cookie(), "X-Caravan-Token: " + first.token());

        assertThat(again.status()).isEqualTo(201);
        assertThat(get("/looks", first.cookie()).status()).isEqualTo(401);
    }

    @Test
    void aPasswordGoesBeforeACookie() throws Exception {
        SignedIn admin = signIn(ADMIN);

        assertThat(post("/acts", admin.cookie(), "Authorization: " + VIEWER).status())
                .isEqualTo(403);
        assertThat(post("/acts", admin.cookie(), "Authorization: " + basic("vera:wrong"))
                        .status())
                .isEqualTo(401);
    }

    @Test
    void noFunctionAndNoRouteEverSeesTheSession() throws Exception {
        SignedIn admin = signIn(ADMIN);
        String more = admin.cookie() + "; theirs=1; caravan-signed-in=1; more=2";

        assertThat(get("/function/open", more, "X-Caravan-Token: " + admin.token())
                        .status())
                .isEqualTo(200);
        assertThat(get("/looks", more).body()).isEqualTo("cookie=theirs=1; more=2");

        assertThat(function.seen()).singleElement().satisfies(head -> {
            assertThat(head.values("cookie")).containsExactly("theirs=1; more=2");
            assertThat(head.values("x-caravan-token")).isEmpty();
        });
    }

    @Test
    void aFunctionsPageIsKeptApartFromTheConsoleWhoseOriginItShares() throws Exception {
        SignedIn admin = signIn(ADMIN);
        List<String> apart = List.of("sandbox allow-same-origin", "sandbox allow-scripts allow-forms");
        List<String> asItIs = List.of("sandbox allow-same-origin");

        assertThat(get("/function/open", admin.cookie()).values("content-security-policy"))
                .isEqualTo(apart);
        assertThat(get("/function/open", "Cookie: caravan-signed-in=1", "Sec-Fetch-Site: cross-site")
                        .values("content-security-policy"))
                .as("a link on another site, which the session's own cookie does not come with")
                .isEqualTo(apart);
        assertThat(post("/function/open", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: cross-site")
                        .values("content-security-policy"))
                .as("a form on another site, which neither comes with")
                .isEqualTo(apart);
        HttpMessage stranger = get("/function/open", "Cookie: theirs=1");
        assertThat(stranger.values("content-security-policy")).isEqualTo(asItIs);
        assertThat(stranger.values("set-cookie")).containsExactly("theirs=1");
        assertThat(stranger.values("service-worker-allowed")).isEmpty();
    }

    @Test
    void aFunctionThatAsksForAUserIsCalledWithTheTokenWhateverTheVerb() throws Exception {
        SignedIn vera = signIn(VIEWER);

        assertThat(get("/function/safe", vera.cookie()).status()).isEqualTo(403);
        assertThat(post("/function/safe", vera.cookie()).status()).isEqualTo(403);
        assertThat(function.seen()).isEmpty();
        assertThat(get("/function/safe", vera.cookie(), "X-Caravan-Token: " + vera.token())
                        .body())
                .isEqualTo("page");
    }

    private SignedIn signIn(String authorization) throws Exception {
        HttpMessage answer = post("/system/session", "Authorization: " + authorization);
        assertThat(answer.status()).isEqualTo(201);
        String cookie = answer.values("set-cookie").get(0).replaceFirst(";.*", "");
        return new SignedIn("Cookie: " + cookie, token(answer.body()));
    }

    private static String token(String body) {
        Matcher found = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(body);
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    private HttpMessage get(String path, String... headers) throws Exception {
        return RawClient.get(gateway.port(), path, headers);
    }

    private HttpMessage post(String path, String... headers) throws Exception {
        return RawClient.post(gateway.port(), path, "", headers);
    }

    private static String basic(String credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    }
}
