package dev.caravan.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.config.Settings;
import dev.caravan.function.CallId;
import dev.caravan.function.FunctionAccess;
import dev.caravan.function.FunctionName;
import dev.caravan.gateway.auth.BasicAuth;
import dev.caravan.gateway.auth.ProxyAuth;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.FakeFunctionProvider;
import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.ScriptedFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in at the door, over real sockets. */
@SuppressWarnings("NullAway.Init") // each test makes its own
class GuardTest {

    private static final String QUICK = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";
    private static final String SLOW = "$2y$11$abcdefghijklmnopqrstuuJTN457r0dtu1UoHjOqLuxwe4RRV9kEC";

    private static final String ADMIN = basic("admin:secret");
    private static final String OPERATOR = basic("olga:correct horse");
    private static final String VIEWER = basic("vera:correct horse");

    private final FakeFunctionProvider deployed = new FakeFunctionProvider();
    private BasicAuth auth;
    private ProxyAuth proxies = ProxyAuth.NONE;
    private TestGateway gateway;
    private ScriptedFunction open;
    private ScriptedFunction safe;

    @TempDir
    Path folder;

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        auth.close();
        open.close();
        safe.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/public,   200, 200, 200, 200",
        "/viewer,   401, 200, 200, 200",
        "/operator, 401, 403, 200, 200",
        "/admin,    401, 403, 403, 200",
        "/none,     401, 403, 403, 200",
        "/billing,  401, 403, 403, 200",
        "/nowhere,  404, 404, 404, 404"
    })
    void aRoutesGroupIsTheLeastRoleItTakes(String path, int nobody, int viewer, int operator, int admin)
            throws Exception {
        start(FunctionAccess.NONE, QUICK);

        for (int round = 0; round < 2; round++) {
            assertThat(get(path).status()).isEqualTo(nobody);
            assertThat(get(path, VIEWER).status()).isEqualTo(viewer);
            assertThat(get(path, OPERATOR).status()).isEqualTo(operator);
            assertThat(get(path, ADMIN).status()).isEqualTo(admin);
        }
    }

    @Test
    void aProxysWordCountsWhenItComesFromWhereItIs() throws Exception {
        proxies = proxies("127.0.0.0/8");
        start(FunctionAccess.NONE, QUICK);

        assertThat(get("/viewer", "X-Forwarded-User: ada", "X-Forwarded-Groups: other")
                        .status())
                .isEqualTo(200);
        assertThat(get("/operator", "X-Forwarded-User: ada", "X-Forwarded-Groups: other")
                        .status())
                .isEqualTo(403);
        assertThat(get("/admin", "X-Forwarded-User: ada", "X-Forwarded-Groups: other, platform")
                        .status())
                .isEqualTo(200);
        assertThat(get("/viewer", "X-Forwarded-Groups: platform").status()).isEqualTo(401);
        for (String added : List.of("X-Forwarded-User: eve", "X-Forwarded-Groups: other")) {
            HttpMessage twice = get("/admin", added, "X-Forwarded-User: ada", "X-Forwarded-Groups: platform");
            assertThat(twice.status())
                    .as("a proxy that adds to what a client said")
                    .isEqualTo(403);
            assertThat(twice.body()).contains("said twice");
        }
        assertThat(RawClient.post(
                                gateway.port(), "/admin", "x", "X-Forwarded-User: ada", "X-Forwarded-Groups: platform")
                        .status())
                .as("what a page of another site can make a browser ask")
                .isEqualTo(403);
        assertThat(RawClient.post(
                                gateway.port(),
                                "/admin",
                                "x",
                                "X-Forwarded-User: ada",
                                "X-Forwarded-Groups: platform",
                                "X-Caravan-Token: ")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void anybodyElsesWordIsTakenOff() throws Exception {
        proxies = proxies("10.0.0.0/8, ::1");
        start(FunctionAccess.NONE, QUICK);

        assertThat(get("/viewer", "X-Forwarded-User: ada", "X-Forwarded-Groups: platform")
                        .status())
                .isEqualTo(401);
        gateway.with(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/told").routeGroup("public").setBody(simple("said ${header.X-Forwarded-User}"));
            }
        });
        assertThat(get("/told", "X-Forwarded-User: ada").body()).isEqualTo("said ");
    }

    private static ProxyAuth proxies(String networks) {
        return new ProxyAuth(
                Settings.from(Map.of(
                                "CARAVAN_AUTH_PROXIES", networks, "CARAVAN_AUTH_GROUPS", "platform=admin,*=viewer"))
                        .access(),
                "openfaas-fn");
    }

    @Test
    void whoIsNotLetInIsToldWhyInOneLine() throws Exception {
        start(FunctionAccess.NONE, QUICK);

        HttpMessage denied = get("/admin", basic("vera:wrong"));
        assertThat(denied.status()).isEqualTo(401);
        assertThat(denied.value("www-authenticate")).isEqualTo("Basic realm=\"Restricted\"");
        assertThat(denied.value("content-type")).startsWith("text/plain");
        assertThat(denied.body()).isEqualTo("invalid credentials\n");

        HttpMessage low = get("/operator", VIEWER);
        assertThat(low.status()).isEqualTo(403);
        assertThat(low.value("www-authenticate")).isNull();
        assertThat(low.value("content-type")).startsWith("text/plain");
        assertThat(low.body()).isEqualTo("this needs the role operator, yours is viewer\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Sec-Fetch-Mode: cors        | Sec-Fetch-Dest: empty    | false",
                "Sec-Fetch-Mode: same-origin | X-None: x                | false",
                "X-None: x                   | Sec-Fetch-Dest: empty    | false",
                "X-Caravan-Token:            | X-None: x                | false",
                "Accept: text/event-stream   | X-None: x                | false",
                "Sec-Fetch-Mode: navigate    | Sec-Fetch-Dest: document | true",
                "X-None: x                   | X-More: x                | true"
            })
    void aScriptsRequestDoesNotOpenTheBrowsersPasswordWindow(String mode, String destination, boolean challenged)
            throws Exception {
        start(FunctionAccess.NONE, QUICK);

        HttpMessage denied = RawClient.get(gateway.port(), "/viewer", mode, destination);

        assertThat(denied.status()).isEqualTo(401);
        assertThat(denied.values("www-authenticate")).hasSize(challenged ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "NONE,  open,  200",
        "NONE,  safe,  401",
        "NONE,  plain, 200",
        "BASIC, open,  200",
        "BASIC, safe,  401",
        "BASIC, plain, 401"
    })
    void aFunctionsAnnotationGoesBeforeTheSetting(FunctionAccess setting, String name, int nobody) throws Exception {
        start(setting, QUICK);

        for (String door : List.of("/function/", "/async-function/")) {
            HttpMessage stranger = call(door + name);
            assertThat(stranger.status()).isEqualTo(nobody);
            assertThat(stranger.values("X-OpenFaaS-Internal"))
                    .as("who retries can tell that it was not the function")
                    .isEqualTo(nobody == 401 ? List.of("proxy") : List.of());
            assertThat(call(door + name, "Authorization: " + basic("vera:wrong"))
                            .status())
                    .isEqualTo(nobody);
            assertThat(call(door + name, "Authorization: " + VIEWER).status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NONE,  open-call-1,  200",
        "NONE,  plain-call-1, 200",
        "NONE,  safe-call-1,  401",
        "NONE,  nobody-knows, 200",
        "NONE,  short,        200",
        "BASIC, open-call-1,  200",
        "BASIC, plain-call-1, 401",
        "BASIC, safe-call-1,  401",
        "BASIC, nobody-knows, 401",
        "BASIC, short,        401"
    })
    void aCallThatWasMadeIsAsOpenAsItsFunction(FunctionAccess setting, String id, int nobody) throws Exception {
        start(setting, QUICK);

        for (String path : List.of("/async-function/" + id, "/async-function/" + id + "/result?wait=1s")) {
            assertThat(get(path).status()).isEqualTo(nobody);
            assertThat(get(path, basic("vera:wrong")).status()).isEqualTo(nobody);
            assertThat(get(path, VIEWER).status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/function/safe",
                "/function/safe/",
                "/function/safe/a/b?c=d",
                "/function/safe?x",
                "/function/safe.openfaas-fn",
                "/function/safe.openfaas-fn/a",
                "/function/safe/%2e%2e/open",
                "/function/safe/../open",
                "/async-function/safe",
                "/async-function/safe.openfaas-fn/x",
                "http://test/function/safe",
                "http://test/function/safe.openfaas-fn?x=http://test/function/open",
                "/function/%73afe",
                "/function/safe%2Eopenfaas-fn",
                "/function/safe%2F",
                "/function/safe%00",
                "/function/safe;a=b",
                "/function/SAFE",
                "/function/safe.",
                "/function/.safe",
                "/function//safe",
                "//function/safe",
                "/function/./safe",
                "/function/open/../safe",
                "/%66unction/safe",
                "/Function/safe"
            })
    void noSpellingLeadsPastTheDoorOfAProtectedFunction(String target) throws Exception {
        start(FunctionAccess.NONE, QUICK);

        HttpMessage answer = RawClient.get(gateway.port(), target);

        assertThat(safe.seen()).isEmpty();
        assertThat(answer.status()).isIn(401, 404, 200);
        assertThat(answer.body()).isNotEqualTo("safe");
    }

    @Test
    void credentialsThatWereAskedForGoNoFurtherAndOthersPassUntouched() throws Exception {
        start(FunctionAccess.NONE, QUICK);

        assertThat(get("/function/safe", VIEWER).status()).isEqualTo(200);
        assertThat(safe.seen())
                .singleElement()
                .satisfies(head -> assertThat(head.values("authorization")).isEmpty());
        for (String its : List.of("Bearer its-own", "Bearer ", VIEWER, "Basic %%%")) {
            assertThat(get("/function/plain", its).status()).isEqualTo(200);
        }
        assertThat(open.seen())
                .extracting(head -> head.value("authorization"))
                .containsExactly("Bearer its-own", "Bearer", VIEWER, "Basic %%%");
    }

    @Test
    void refusalsOfCallsAreMarkedAsThePlatforms() throws Exception {
        start(FunctionAccess.NONE, QUICK);

        assertThat(get("/function/safe").value("x-openfaas-internal")).isEqualTo("proxy");
        assertThat(get("/function/safe").value("www-authenticate")).isEqualTo("Basic realm=\"Restricted\"");
        assertThat(get("/admin").values("x-openfaas-internal")).isEmpty();
    }

    @Test
    void aBodyWaitsWhileThePasswordIsChecked() throws Exception {
        start(FunctionAccess.NONE, SLOW);
        String body = "x".repeat(300_000);

        // Each user's first request waits for a check.
        for (String path : List.of("/echo", "/function/safe")) {
            String first = path.equals("/echo") ? VIEWER : OPERATOR;
            try (var client = new RawClient(gateway.port())) {
                client.send(
                        "POST " + path + " HTTP/1.1\nHost: test\nTransfer-Encoding: chunked\nAuthorization: " + first,
                        "");
                client.raw(Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
                assertThat(client.answer().body()).isEqualTo(path.equals("/echo") ? body : "300000");

                client.send(
                        "POST " + path + " HTTP/1.1\nHost: test\nContent-Length: 3\nAuthorization: "
                                + basic("vera:" + path),
                        "abc");
                assertThat(client.answer().status()).isEqualTo(401);

                client.send("GET /public HTTP/1.1\nHost: test", "");
                assertThat(client.answer().body())
                        .as("the connection is still good")
                        .isEqualTo("in");
            }
        }
    }

    @Test
    void aClientThatWaitsForContinueIsOnlyAskedForItsBodyWhenItMayComeIn() throws Exception {
        start(FunctionAccess.NONE, SLOW);
        String head =
                "POST /function/safe HTTP/1.1\nHost: test\nContent-Length: 3\nExpect: 100-continue\nAuthorization: ";

        try (var client = new RawClient(gateway.port())) {
            client.send(head + VIEWER, "");
            assertThat(HttpMessage.head(client.in()).status()).isEqualTo(100);
            client.raw("abc");
            assertThat(client.answer().body()).isEqualTo("3");
        }
        try (var client = new RawClient(gateway.port())) {
            client.send(head + basic("vera:wrong"), "");
            assertThat(client.answer().status()).isEqualTo(401);
        }
    }

    @Test
    void aClientThatLeavesMeanwhileIsForgotten() throws Exception {
        start(FunctionAccess.NONE, SLOW);
        try (var client = new RawClient(gateway.port())) {
            client.send("GET /function/safe HTTP/1.1\nHost: test\nAuthorization: " + VIEWER, "");
        }

        await().until(() -> auth.judge(VIEWER, "elsewhere").isDone());
        assertThat(get("/public").status()).isEqualTo(200);
        assertThat(safe.seen()).isEmpty();
        await().until(() -> gateway.http().running() == 0);
    }

    /**
     * Eight checks of a good tenth of a second each are under way, on no more than half of the processors. Were one of
     * them on an event loop, those who share it would wait for it.
     */
    @Test
    void eventLoopsAnswerOthersWhilePasswordsAreChecked() throws Exception {
        start(FunctionAccess.BASIC, SLOW);
        get("/public");
        List<CompletableFuture<Integer>> guesses = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> status("/viewer", basic("vera:guess-" + i)),
                        guess -> new Thread(guess, "guess-" + i).start()))
                .toList();
        var times = new ArrayList<Long>();
        do {
            long begun = System.nanoTime();
            assertThat(get("/public").status()).isEqualTo(200);
            times.add((System.nanoTime() - begun) / 1_000);
        } while (!guesses.stream().allMatch(CompletableFuture::isDone));

        times.sort(null);
        assertThat(guesses).extracting(CompletableFuture::join).containsOnly(401);
        assertThat(times).hasSizeGreaterThan(50);
        assertThat(times.get(times.size() / 2)).as("median in us").isLessThan(100_000);
    }

    private int status(String path, String authorization) {
        try {
            return get(path, authorization).status();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void start(FunctionAccess access, String hash) throws Exception {
        Files.writeString(folder.resolve("basic-auth-user"), "admin");
        Files.writeString(folder.resolve("basic-auth-password"), "secret");
        Files.write(folder.resolve("users"), List.of("vera:viewer:" + hash, "olga:operator:" + hash));
        auth = BasicAuth.in(folder, InstantSource.system(), "openfaas-fn");
        gateway = new TestGateway(
                new Guard(
                        auth,
                        auth.sessions(Duration.ofHours(1), Duration.ofHours(12)),
                        deployed,
                        "openfaas-fn",
                        access,
                        this::called,
                        Runnable::run,
                        proxies),
                Duration.ofSeconds(30));
        open = answering("open");
        safe = answering("safe");
        gateway.replicas.with("open", open.uri()).with("plain", open.uri()).with("safe", safe.uri());
        deploy("open", Map.of(FunctionAccess.ANNOTATION, "none"));
        deploy("plain", Map.of());
        deploy("safe", Map.of(FunctionAccess.ANNOTATION, "basic"));
        gateway.with(new RouteBuilder() {
            @Override
            public void configure() {
                for (String group : List.of("public", "viewer", "operator", "admin", "billing")) {
                    from("platform-http:/" + group).routeGroup(group).setBody(constant("in"));
                }
                from("platform-http:/none").setBody(constant("in"));
                from("platform-http:/echo").routeGroup("viewer").convertBodyTo(byte[].class);
                from("platform-http:/async-function/{name}?matchOnUriPrefix=true")
                        .routeGroup("public")
                        .process("functionRequest")
                        .setBody(constant("open"));
            }
        });
    }

    /** Answers with the length of the body, if there is one. */
    private static ScriptedFunction answering(String name) throws IOException {
        return new ScriptedFunction((head, in, out) -> {
            String body = head.bodyFrom(in);
            ScriptedFunction.reply(out, "200 OK", body.isEmpty() ? name : Integer.toString(body.length()));
            return true;
        });
    }

    private void deploy(String name, Map<String, String> annotations) {
        var deployment = Deployments.annotated(Deployments.of(name), annotations);
        if (deployed.status(deployment.function()).isEmpty()) {
            deployed.deploy(deployment);
        }
    }

    /** What the ledger would say of an id: it begins with the function's name. */
    private Optional<FunctionName> called(CallId id) {
        return FunctionName.parse(id.text().replaceFirst("-call.*", ""), "openfaas-fn");
    }

    private HttpMessage get(String path, String... headers) throws Exception {
        return RawClient.get(gateway.port(), path, headers);
    }

    private HttpMessage get(String path, String authorization) throws Exception {
        return get(path, new String[] {"Authorization: " + authorization});
    }

    /** Queued calls are made by POST; with any other verb the path names a call that was made. */
    private HttpMessage call(String path, String... headers) throws Exception {
        return path.contains("/async-function/")
                ? RawClient.post(gateway.port(), path, "", headers)
                : get(path, headers);
    }

    private static String basic(String credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    }
}
