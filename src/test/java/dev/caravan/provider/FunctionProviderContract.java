package dev.caravan.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionNamespace;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.Resources;
import dev.caravan.function.ScaleLabels;
import dev.caravan.function.SecretName;
import dev.caravan.provider.FunctionProvider.LogLine;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.RecordingLogReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What Caravan expects of everything that runs functions. One subclass per provider; each test has a fresh one. */
public abstract class FunctionProviderContract {

    protected static final String NAMESPACE = "openfaas-fn";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** A started provider, the same one throughout a test. */
    protected abstract FunctionProvider provider();

    /** Ends {@link #provider()} and starts another on the same data, which takes its place. */
    protected abstract FunctionProvider restart() throws IOException;

    /** A function that answers every request by {@code text}, taking 20 ms or so. */
    protected abstract FunctionDeployment answering(String name, String namespace, String text);

    /** A function that answers every request by the bytes of its secret, in base64. */
    protected abstract FunctionDeployment revealing(String name, String namespace, String secret);

    /** Whether replicas go on while their provider is away, and are found again. */
    protected boolean replicasOutliveTheProvider() {
        return false;
    }

    /** How long a replica may take to become ready. */
    protected Duration patience() {
        return Duration.ofSeconds(15);
    }

    @Test
    void aDeployedFunctionBecomesReadyAndAnswers() throws Exception {
        provider().deploy(answering("hello", NAMESPACE, "good day"));

        awaitReady("hello", 1);
        assertThat(call("hello").body()).contains("good day");
        assertThat(provider().check().up()).isTrue();
        assertThat(status("hello").availableReplicas()).isEqualTo(1);
        assertThat(status("hello").createdAt())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
    }

    @Test
    void everyFieldComesBackExactlyAsDeployed() throws Exception {
        FunctionDeployment deployment = withEveryField(answering("everything", NAMESPACE, "x"));

        provider().deploy(deployment);

        assertThat(status("everything").deployment()).isEqualTo(deployment);
        assertThat(provider().list(NAMESPACE))
                .extracting(FunctionStatus::deployment)
                .containsExactly(deployment);
        assertThat(restart().status(name("everything")).orElseThrow().deployment())
                .isEqualTo(deployment);
    }

    @Test
    void aNameThatIsTakenIsRefused() {
        provider().deploy(answering("twice", NAMESPACE, "first"));

        ProviderException refusal = refusal(() -> provider().deploy(answering("twice", NAMESPACE, "second")));

        assertThat(refusal.code()).isEqualTo(Code.EXISTS);
        assertThat(refusal).hasMessageContaining("twice").message().doesNotContain("\n");
    }

    @Test
    void anUnknownFunctionIsNotFoundAndHasNoReplicas() {
        FunctionName nobody = name("nobody");

        assertThat(refusal(() -> provider().update(answering("nobody", NAMESPACE, "x")))
                        .code())
                .isEqualTo(Code.NOT_FOUND);
        assertThat(refusal(() -> provider().scale(nobody, 1)).code()).isEqualTo(Code.NOT_FOUND);
        assertThat(refusal(() -> provider().delete(nobody)).code()).isEqualTo(Code.NOT_FOUND);
        assertThat(provider().status(nobody)).isEmpty();
        assertThat(provider().replicas(nobody)).isEmpty();
        assertThat(refusal(() -> provider().logs(nobody, LogQuery.ALL)).code()).isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void aNameThatIsNoLabelIsInvalid() {
        for (String bad : List.of("Upper", "has_underscore", "-dash", "a".repeat(64), "../etc", "")) {
            ProviderException refusal = refusal(() -> provider().deploy(answering(bad, NAMESPACE, "x")));

            assertThat(refusal.code()).as(bad).isEqualTo(Code.INVALID);
        }
        assertThat(refusal(() -> provider().deploy(answering("good", "Bad Namespace", "x")))
                        .code())
                .isEqualTo(Code.INVALID);
        assertThat(provider().list(NAMESPACE)).isEmpty();
    }

    @Test
    void scalesFromNoneToSeveralAndBack() throws Exception {
        provider().deploy(answering("scaled", NAMESPACE, "here"));
        awaitReady("scaled", 1);

        provider().scale(name("scaled"), 5);
        awaitReady("scaled", 5);
        assertThat(status("scaled").replicas()).isEqualTo(5);
        assertThat(provider().replicas(name("scaled")).orElseThrow()).doesNotHaveDuplicates();

        provider().scale(name("scaled"), 2);
        awaitReady("scaled", 2);
        provider().scale(name("scaled"), 0);
        awaitReady("scaled", 0);
        assertThat(status("scaled").replicas()).isZero();

        provider().scale(name("scaled"), 1);
        awaitReady("scaled", 1);
        assertThat(call("scaled").statusCode()).isEqualTo(200);
    }

    @Test
    void moreReplicasThanItCanHoldAndFewerThanNoneAreInvalid() {
        provider().deploy(answering("greedy", NAMESPACE, "x"));

        assertThat(refusal(() -> provider().scale(name("greedy"), 1_000_000)).code())
                .isEqualTo(Code.INVALID);
        assertThat(refusal(() -> provider().scale(name("greedy"), -1)).code()).isEqualTo(Code.INVALID);
        assertThat(status("greedy").replicas()).isEqualTo(1);
    }

    @Test
    void theLabelScaleMinIsWhereAFunctionStarts() {
        provider().deploy(labelled("minimum", Map.of(ScaleLabels.MIN, "2")));

        assertThat(status("minimum").replicas()).isEqualTo(2);
        awaitReady("minimum", 2);
    }

    @Test
    void aMinimumOfNoneStartsNothing() {
        provider().deploy(labelled("lazy", Map.of(ScaleLabels.MIN, "0")));

        assertThat(status("lazy").replicas()).isZero();
        assertThat(provider().replicas(name("lazy"))).contains(List.of());
    }

    @Test
    void aMinimumAboveTheMaximumIsInvalid() {
        FunctionDeployment contradicting = labelled("torn", Map.of(ScaleLabels.MIN, "3", ScaleLabels.MAX, "2"));

        ProviderException refusal = refusal(() -> provider().deploy(contradicting));

        assertThat(refusal.code()).isEqualTo(Code.INVALID);
        assertThat(refusal)
                .hasMessageContaining(ScaleLabels.MIN)
                .hasMessageContaining(ScaleLabels.MAX)
                .message()
                .doesNotContain("\n");
        assertThat(provider().status(name("torn"))).isEmpty();
        provider().deploy(labelled("torn", Map.of()));
        assertThat(refusal(() -> provider().update(contradicting)).code()).isEqualTo(Code.INVALID);
    }

    @Test
    void anUpdateThatNamesAMinimumScalesToIt() {
        provider().deploy(answering("reset", NAMESPACE, "x"));
        provider().scale(name("reset"), 3);

        provider().update(labelled("reset", Map.of(ScaleLabels.MIN, "2")));

        assertThat(status("reset").replicas()).isEqualTo(2);
    }

    @Test
    void whoListensIsToldWhenReplicasComeAndGo() {
        var seen = new ConcurrentHashMap<FunctionName, Set<Integer>>();
        provider()
                .onChange(function -> seen.computeIfAbsent(function, first -> ConcurrentHashMap.newKeySet())
                        .add(provider().replicas(function).map(List::size).orElse(-1)));

        provider().deploy(labelled("told", Map.of(ScaleLabels.MIN, "0")));
        await().atMost(patience())
                .until(() -> seen.getOrDefault(name("told"), Set.of()).contains(0));
        seen.clear();
        provider().scale(name("told"), 1);
        assertThat(status("told").replicas()).isEqualTo(1);
        await().atMost(patience())
                .until(() -> seen.getOrDefault(name("told"), Set.of()).contains(1));
        provider().scale(name("told"), 0);
        await().atMost(patience())
                .until(() -> seen.getOrDefault(name("told"), Set.of()).contains(0));
        provider().delete(name("told"));
        await().atMost(patience())
                .until(() -> seen.getOrDefault(name("told"), Set.of()).contains(-1));
    }

    @Test
    void noCallFailsDuringUpdates() throws Exception {
        provider().deploy(answering("updated", NAMESPACE, "version 0"));
        awaitReady("updated", 1);
        AtomicBoolean enough = new AtomicBoolean();
        AtomicInteger calls = new AtomicInteger();
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        ExecutorService callers = Executors.newFixedThreadPool(4);
        List<Future<?>> running = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
            running.add(callers.submit(() -> {
                while (!enough.get()) {
                    try {
                        HttpResponse<String> response = call("updated");
                        if (response.statusCode() != 200 || !response.body().contains("version ")) {
                            failures.add(response.statusCode() + " " + response.body());
                        }
                    } catch (IOException e) {
                        failures.add(e.toString());
                    }
                    calls.incrementAndGet();
                }
                return null;
            }));
        }

        for (int version = 1; version <= 3; version++) {
            String text = "version " + version;
            provider().update(answering("updated", NAMESPACE, text));
            await().atMost(patience()).until(() -> call("updated").body().contains(text));
        }
        int before = calls.get();
        await().atMost(patience()).until(() -> calls.get() > before + 50); // the old replicas end meanwhile
        enough.set(true);
        for (Future<?> caller : running) {
            join(caller);
        }
        callers.shutdown();

        assertThat(failures).isEmpty();
        assertThat(call("updated").body()).contains("version 3");
    }

    @Test
    void anUpdateKeepsTheAgeAndTheNumberOfReplicas() {
        provider().deploy(answering("kept", NAMESPACE, "old"));
        provider().scale(name("kept"), 2);
        FunctionStatus before = status("kept");

        provider().update(answering("kept", NAMESPACE, "new"));

        assertThat(status("kept").createdAt()).isEqualTo(before.createdAt());
        assertThat(status("kept").replicas()).isEqualTo(2);
        assertThat(status("kept").deployment()).isEqualTo(answering("kept", NAMESPACE, "new"));
    }

    @Test
    void aDeletedFunctionIsGoneAndItsNameFree() throws Exception {
        provider().deploy(answering("gone", NAMESPACE, "first"));
        awaitReady("gone", 1);
        URI replica = provider().replicas(name("gone")).orElseThrow().get(0);

        provider().delete(name("gone"));

        assertThat(provider().replicas(name("gone"))).isEmpty();
        assertThat(provider().list(NAMESPACE)).isEmpty();
        await().atMost(patience()).until(() -> !answers(replica));
        provider().deploy(answering("gone", NAMESPACE, "second"));
        awaitReady("gone", 1);
        assertThat(call("gone").body()).contains("second");
    }

    @Test
    void aNamespaceListsItsOwnFunctionsByName() {
        provider().deploy(answering("zebra", NAMESPACE, "x"));
        provider().deploy(answering("aardvark", NAMESPACE, "x"));
        provider().namespaces().create(FunctionNamespace.named("staging"));
        provider().deploy(answering("zebra", "staging", "x"));

        assertThat(provider().list(NAMESPACE))
                .extracting(status -> status.deployment().service())
                .containsExactly("aardvark", "zebra");
        assertThat(provider().list("staging")).hasSize(1);
        assertThat(provider().list("nowhere")).isEmpty();
    }

    @Test
    void whatWasDeployedSurvivesARestart() throws Exception {
        provider().deploy(answering("survivor", NAMESPACE, "still here"));
        provider().deploy(answering("victim", NAMESPACE, "x"));
        provider().scale(name("survivor"), 2);
        provider().delete(name("victim"));
        Instant createdAt = status("survivor").createdAt();

        restart();

        awaitReady("survivor", 2);
        assertThat(call("survivor").body()).contains("still here");
        assertThat(status("survivor").createdAt()).isEqualTo(createdAt);
        assertThat(provider().status(name("victim"))).isEmpty();
    }

    @Test
    void logsTellWhatReplicasWroteLast() throws Exception {
        provider().deploy(answering("talker", NAMESPACE, "x"));
        awaitReady("talker", 1);

        for (int i = 0; i < 3; i++) {
            call("talker");
        }

        awaitLines("talker", 3);
        assertThat(logs("talker", LogQuery.ALL)).allSatisfy(line -> {
            assertThat(line.function()).isEqualTo(name("talker"));
            assertThat(line.instance()).isNotEmpty();
            assertThat(line.timestamp())
                    .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
        });
        assertThat(logs("talker", new LogQuery("", Instant.MIN, 2, false))).hasSize(2);
    }

    @Test
    void logsAreThoseOfAnInstanceAndOfATime() throws Exception {
        provider().deploy(answering("narrow", NAMESPACE, "x"));
        awaitReady("narrow", 1);
        call("narrow");
        awaitLines("narrow", 1);
        LogLine line = logs("narrow", LogQuery.ALL).get(0);

        assertThat(logs("narrow", new LogQuery(line.instance(), Instant.MIN, 0, false)))
                .contains(line);
        assertThat(logs("narrow", new LogQuery("somebody-else", Instant.MIN, 0, false)))
                .isEmpty();
        assertThat(logs("narrow", new LogQuery("", line.timestamp(), 0, false))).contains(line);
        assertThat(logs("narrow", new LogQuery("", Instant.now().plusSeconds(60), 0, false)))
                .isEmpty();
    }

    @Test
    void whoFollowsTheLogGetsWhatIsWrittenLaterUntilTheFunctionIsDeleted() throws Exception {
        provider().deploy(answering("followed", NAMESPACE, "x"));
        awaitReady("followed", 1);
        call("followed");
        awaitLines("followed", 1);
        var follower = new RecordingLogReader();
        provider()
                .logs(name("followed"), new LogQuery("", Instant.MIN, 1, true))
                .subscribe(follower);

        follower.request(1_000);
        await().atMost(patience()).until(() -> follower.lines().size() == 1);
        call("followed");
        await().atMost(patience()).until(() -> follower.lines().size() > 1);
        assertThat(follower.over()).isFalse();

        provider().delete(name("followed"));
        await().atMost(patience()).until(follower::over);
        assertThat(follower.failure()).isNull();
    }

    @Test
    void whoFollowsTheLogGetsNoMoreThanAskedForAndNothingAfterLeaving() throws Exception {
        provider().deploy(answering("modest", NAMESPACE, "x"));
        awaitReady("modest", 1);
        var follower = new RecordingLogReader();
        provider().logs(name("modest"), new LogQuery("", Instant.MIN, 0, true)).subscribe(follower);

        follower.request(1);
        for (int i = 0; i < 4; i++) {
            call("modest");
        }
        awaitLines("modest", 4);
        assertThat(follower.lines()).hasSize(1);

        follower.request(2);
        await().atMost(patience()).until(() -> follower.lines().size() == 3);
        follower.cancel();
        follower.request(100);
        call("modest");
        awaitLines("modest", 5);
        assertThat(follower.lines()).hasSize(3);
    }

    /** Reads a log to its end. */
    protected final List<LogLine> logs(String name, LogQuery query) {
        var reader = new RecordingLogReader();
        provider().logs(name(name), query).subscribe(reader);
        reader.request(Long.MAX_VALUE);
        await().atMost(patience()).until(reader::over);
        return reader.lines();
    }

    private void awaitLines(String name, int count) {
        await().atMost(patience()).until(() -> logs(name, LogQuery.ALL).size() >= count);
    }

    @Test
    void aFunctionIsGivenItsSecretWhateverBytesItHas() throws Exception {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        provider().secrets().create(secret("binary"), bytes);

        provider().deploy(revealing("reader", NAMESPACE, "binary"));

        awaitReady("reader", 1);
        assertThat(revealed(name("reader"))).isEqualTo(bytes);
        assertThat(status("reader").deployment().secrets()).containsExactly("binary");
    }

    @Test
    void everyReplicaIsGivenTheSecretAndStillAfterARestart() throws Exception {
        provider().secrets().create(secret("shared"), bytes("for all"));
        provider().deploy(revealing("reader", NAMESPACE, "shared"));
        provider().scale(name("reader"), 2);
        awaitReady("reader", 2);

        assertThat(revealedByAll("reader")).containsOnly("for all");
        restart();
        awaitReady("reader", 2);
        assertThat(revealedByAll("reader")).containsOnly("for all");
    }

    @Test
    void secretsAreListedByNameAndSurviveARestart() throws Exception {
        provider().secrets().create(secret("zulu"), bytes("z"));
        provider().secrets().create(secret("alpha.pem"), bytes("a"));
        provider().secrets().create(secret("gone"), bytes("g"));
        provider().secrets().delete(secret("gone"));

        assertThat(provider().secrets().list(NAMESPACE)).containsExactly("alpha.pem", "zulu");
        assertThat(restart().secrets().list(NAMESPACE)).containsExactly("alpha.pem", "zulu");
    }

    @Test
    void aSecretIsCreatedOnceAndChangedOnlyWhenItIsThere() {
        provider().secrets().create(secret("once"), bytes("hush-hush"));

        ProviderException taken = refusal(() -> provider().secrets().create(secret("once"), bytes("hush-hush")));
        ProviderException unknown = refusal(() -> provider().secrets().replace(secret("never"), bytes("hush-hush")));
        ProviderException undeletable = refusal(() -> provider().secrets().delete(secret("never")));

        assertThat(taken.code()).isEqualTo(Code.CONFLICT);
        assertThat(unknown.code()).isEqualTo(Code.NOT_FOUND);
        assertThat(undeletable.code()).isEqualTo(Code.NOT_FOUND);
        assertThat(List.of(taken, unknown, undeletable))
                .extracting(Throwable::getMessage)
                .noneMatch(message -> message.contains("hush-hush") || message.contains("\n"))
                .allMatch(message -> message.contains("once") || message.contains("never"));
    }

    @Test
    void caravanItselfCanUseASecret() {
        provider().secrets().create(secret("signing"), bytes("old"));
        provider().secrets().replace(secret("signing"), bytes("new"));

        assertThat(provider().secrets().value(secret("signing"))).isEqualTo(bytes("new"));
        assertThat(refusal(() -> provider().secrets().value(secret("never"))).code())
                .isEqualTo(ProviderException.Code.NOT_FOUND);
    }

    @Test
    void aSecretLargerThanCanBeKeptIsRefused() {
        ProviderException refusal =
                refusal(() -> provider().secrets().create(secret("huge"), new byte[Secrets.MAX_SIZE + 1]));

        assertThat(refusal.code()).isEqualTo(Code.TOO_LARGE);
        assertThat(provider().secrets().list(NAMESPACE)).isEmpty();
    }

    @Test
    void aFunctionThatAsksForASecretThatIsNotThereIsInvalid() throws Exception {
        provider().deploy(answering("sound", NAMESPACE, "as before"));
        awaitReady("sound", 1);

        ProviderException deploy = refusal(() -> provider().deploy(revealing("wanting", NAMESPACE, "missing")));
        ProviderException update = refusal(() -> provider().update(revealing("sound", NAMESPACE, "missing")));

        assertThat(List.of(deploy, update)).allSatisfy(refusal -> {
            assertThat(refusal.code()).isEqualTo(Code.INVALID);
            assertThat(refusal).hasMessageContaining("\"missing\"").message().doesNotContain("\n");
        });
        assertThat(provider().status(name("wanting"))).isEmpty();
        assertThat(call("sound").body()).contains("as before");
    }

    @Test
    void aNameThatNoSecretCanHaveIsInvalidInADeployment() {
        for (String bad : List.of("../../etc/passwd", "..", "Upper", "a b", "")) {
            ProviderException refusal = refusal(() -> provider().deploy(revealing("sly", NAMESPACE, bad)));

            assertThat(refusal.code()).as(bad).isEqualTo(Code.INVALID);
        }
    }

    @Test
    void aNewValueReachesReplicasThatAreStartedAfterIt() throws Exception {
        provider().secrets().create(secret("turning"), bytes("old"));
        provider().deploy(revealing("reader", NAMESPACE, "turning"));
        awaitReady("reader", 1);

        provider().secrets().replace(secret("turning"), bytes("new"));
        provider().scale(name("reader"), 0);
        awaitReady("reader", 0);
        provider().scale(name("reader"), 1);
        awaitReady("reader", 1);

        assertThat(revealedByAll("reader")).containsOnly("new");
    }

    @Test
    void replicasKeepASecretThatIsDeletedButNoNewOneStartsBeforeItIsBack() throws Exception {
        provider().secrets().create(secret("fading"), bytes("still known"));
        provider().deploy(revealing("reader", NAMESPACE, "fading"));
        awaitReady("reader", 1);

        provider().secrets().delete(secret("fading"));

        assertThat(revealedByAll("reader")).containsOnly("still known");
        ProviderException refusal = refusal(() -> provider().scale(name("reader"), 2));
        assertThat(refusal.code()).isEqualTo(Code.INVALID);
        assertThat(refusal).hasMessageContaining("\"fading\"");
        restart();
        if (!replicasOutliveTheProvider()) {
            assertThat(provider().replicas(name("reader"))).hasValue(List.of());
        }
        assertThat(status("reader").replicas()).isEqualTo(1);
        provider().secrets().create(secret("fading"), bytes("back again"));
        awaitReady("reader", 1);
        await().atMost(patience()).until(() -> revealedByAll("reader").equals(List.of("back again")));
    }

    @Test
    void namespacesHaveFunctionsAndSecretsOfEqualNamesApart() throws Exception {
        provider().namespaces().create(FunctionNamespace.named("staging"));
        provider().secrets().create(secret("key"), bytes("of production"));
        provider().secrets().create(new SecretName("key", "staging"), bytes("of staging"));
        provider().deploy(revealing("twin", NAMESPACE, "key"));
        provider().deploy(revealing("twin", "staging", "key"));
        FunctionName staged = new FunctionName("twin", "staging");
        awaitReady("twin", 1);
        awaitReady(staged, 1);

        assertThat(new String(revealed(name("twin")), StandardCharsets.UTF_8)).isEqualTo("of production");
        assertThat(new String(revealed(staged), StandardCharsets.UTF_8)).isEqualTo("of staging");
        provider().delete(name("twin"));
        provider().secrets().delete(secret("key"));
        assertThat(provider().status(staged)).isPresent();
        assertThat(provider().secrets().list("staging")).containsExactly("key");
        assertThat(refusal(() -> provider().deploy(revealing("twin", NAMESPACE, "key")))
                        .code())
                .as("the other namespace's secret")
                .isEqualTo(Code.INVALID);
    }

    @Test
    void theDefaultNamespaceIsAlwaysThereAndFirst() throws Exception {
        assertThat(namespaces()).containsExactly(NAMESPACE);

        provider().namespaces().create(FunctionNamespace.named("before-it"));
        provider().namespaces().create(FunctionNamespace.named("zoo"));

        assertThat(namespaces()).containsExactly(NAMESPACE, "before-it", "zoo");
        assertThat(refusal(() -> provider().namespaces().delete(NAMESPACE)).code())
                .isEqualTo(Code.INVALID);
        restart();
        assertThat(namespaces()).containsExactly(NAMESPACE, "before-it", "zoo");
    }

    @Test
    void aNamespaceKeepsItsLabelsUntilTheyAreReplaced() throws Exception {
        var first = new FunctionNamespace("staging", Map.of("openfaas", "1", "team", "blue"), Map.of("note", "x y"));
        var second = new FunctionNamespace("staging", Map.of("team", "red"), Map.of());
        provider().namespaces().create(first);
        assertThat(restart().namespaces().get("staging")).hasValue(first);

        provider().namespaces().replace(second);

        assertThat(provider().namespaces().get("staging")).hasValue(second);
        assertThat(restart().namespaces().get("staging")).hasValue(second);
    }

    @Test
    void aNamespaceIsCreatedOnceAndChangedOnlyWhenItIsThere() {
        provider().namespaces().create(FunctionNamespace.named("staging"));

        assertThat(refusal(() -> provider().namespaces().create(FunctionNamespace.named("staging")))
                        .code())
                .isEqualTo(Code.CONFLICT);
        assertThat(refusal(() -> provider().namespaces().replace(FunctionNamespace.named("nowhere")))
                        .code())
                .isEqualTo(Code.NOT_FOUND);
        assertThat(refusal(() -> provider().namespaces().delete("nowhere")).code())
                .isEqualTo(Code.NOT_FOUND);
        assertThat(provider().namespaces().get("nowhere")).isEmpty();
    }

    @Test
    void aNamespaceGoesOnlyWhenNothingIsLeftInIt() throws Exception {
        provider().namespaces().create(FunctionNamespace.named("staging"));
        provider().deploy(answering("tenant", "staging", "x"));
        ProviderException function = refusal(() -> provider().namespaces().delete("staging"));
        provider().delete(new FunctionName("tenant", "staging"));
        provider().secrets().create(new SecretName("key", "staging"), bytes("x"));
        ProviderException secret = refusal(() -> provider().namespaces().delete("staging"));
        provider().secrets().delete(new SecretName("key", "staging"));

        provider().namespaces().delete("staging");

        assertThat(function.code()).isEqualTo(Code.CONFLICT);
        assertThat(secret.code()).isEqualTo(Code.CONFLICT);
        assertThat(namespaces()).containsExactly(NAMESPACE);
        restart();
        assertThat(namespaces()).containsExactly(NAMESPACE);
    }

    @Test
    void nothingGoesIntoANamespaceThatDoesNotExist() {
        assertThat(refusal(() -> provider().deploy(answering("lost", "nowhere", "x")))
                        .code())
                .isEqualTo(Code.INVALID);
        assertThat(refusal(() -> provider().secrets().create(new SecretName("lost", "nowhere"), bytes("x")))
                        .code())
                .isEqualTo(Code.INVALID);
        assertThat(refusal(() -> provider().secrets().list("nowhere")).code()).isEqualTo(Code.INVALID);
        assertThat(provider().list("nowhere")).isEmpty();
        assertThat(namespaces()).containsExactly(NAMESPACE);
    }

    private List<String> namespaces() {
        return provider().namespaces().list().stream()
                .map(FunctionNamespace::name)
                .toList();
    }

    protected static SecretName secret(String name) {
        return new SecretName(name, NAMESPACE);
    }

    protected static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] revealed(FunctionName function) throws IOException, InterruptedException {
        return revealed(provider().replicas(function).orElseThrow().get(0));
    }

    private List<String> revealedByAll(String name) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>();
        for (URI replica : provider().replicas(name(name)).orElseThrow()) {
            all.add(new String(revealed(replica), StandardCharsets.UTF_8));
        }
        return all;
    }

    private byte[] revealed(URI replica) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(replica).timeout(Duration.ofSeconds(60)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Base64.getMimeDecoder().decode(response.body().strip());
    }

    protected static FunctionName name(String name) {
        return new FunctionName(name, NAMESPACE);
    }

    protected final FunctionStatus status(String name) {
        return provider().status(name(name)).orElseThrow();
    }

    protected final void awaitReady(String name, int replicas) {
        awaitReady(name(name), replicas);
    }

    private void awaitReady(FunctionName function, int replicas) {
        await().atMost(patience())
                .pollInterval(Duration.ofMillis(20))
                .until(() -> provider().replicas(function).orElseThrow().size() == replicas);
    }

    /** Calls any replica that is ready. */
    protected final HttpResponse<String> call(String name) throws IOException, InterruptedException {
        return call(name, HttpRequest.newBuilder(), "/");
    }

    protected final HttpResponse<String> call(String name, HttpRequest.Builder request, String path)
            throws IOException, InterruptedException {
        List<URI> replicas = provider().replicas(name(name)).orElseThrow();
        if (replicas.isEmpty()) {
            throw new IOException("no replica of " + name + " is ready");
        }
        URI replica = replicas.get(ThreadLocalRandom.current().nextInt(replicas.size()));
        return http.send(
                request.uri(replica.resolve(path))
                        .timeout(Duration.ofSeconds(60))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Calls any replica that is ready. @return what went wrong; empty when nothing did */
    protected final CompletableFuture<String> callSoon(String name) {
        List<URI> replicas = provider().replicas(name(name)).orElse(List.of());
        if (replicas.isEmpty()) {
            return CompletableFuture.completedFuture("no replica is ready");
        }
        URI replica = replicas.get(ThreadLocalRandom.current().nextInt(replicas.size()));
        return http.sendAsync(
                        HttpRequest.newBuilder(replica)
                                .timeout(Duration.ofSeconds(60))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .handle((response, failure) -> failure != null
                        ? failure.toString()
                        : response.statusCode() == 200 ? "" : "status " + response.statusCode());
    }

    /** Whether each replica that is ready answers by this text. */
    protected final boolean replicasSay(String name, String text) throws IOException, InterruptedException {
        for (URI replica : provider().replicas(name(name)).orElseThrow()) {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(replica)
                            .timeout(Duration.ofSeconds(60))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (!response.body().contains(text)) {
                return false;
            }
        }
        return true;
    }

    protected static ProviderException refusal(Runnable request) {
        ProviderException refusal = catchThrowableOfType(ProviderException.class, request::run);
        assertThat(refusal).as("a refusal").isNotNull();
        return refusal;
    }

    private boolean answers(URI replica) throws InterruptedException {
        try {
            http.send(
                    HttpRequest.newBuilder(replica)
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void join(Future<?> caller) throws InterruptedException {
        try {
            caller.get();
        } catch (ExecutionException e) {
            throw new AssertionError("a caller failed", e.getCause());
        }
    }

    private FunctionDeployment labelled(String name, Map<String, String> labels) {
        return Deployments.labelled(answering(name, NAMESPACE, "x"), labels);
    }

    private static FunctionDeployment withEveryField(FunctionDeployment plain) {
        return new FunctionDeployment(
                plain.service(),
                plain.image(),
                plain.namespace(),
                plain.envProcess(),
                plain.envVars(),
                List.of("node.role == worker"),
                List.of(),
                Map.of("team", "data", "com.openfaas.scale.max", "5"),
                Map.of("topic", "payments, refunds", "com.openfaas.retry.attempts", "3", "empty", ""),
                new Resources("64Mi", null, Map.of()),
                new Resources("32Mi", "100m", Map.of()),
                true);
    }
}
