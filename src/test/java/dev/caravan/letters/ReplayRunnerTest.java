package dev.caravan.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.ledger.CallFilter;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.Fingerprint;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.ReplayJob;
import dev.caravan.ledger.ReplayJob.Progress;
import dev.caravan.ledger.ReplayJob.State;
import dev.caravan.ledger.ReplayPlan;
import dev.caravan.ledger.Settlement;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BrokerFixture;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.DeadLetterQueues;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Replacement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Bulk replays on a real broker and a real ledger. */
@Timeout(600)
class ReplayRunnerTest {

    private static final FunctionName FUNCTION = new FunctionName("f", "ns");
    private static final String TARGET = "faas-request.ns.f";
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    private final InstantSource clock = InstantSource.system();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private BrokerFixture broker;
    private Ledger ledger;
    private CallMessages messages;
    private DeadLetterQueues queues;
    private LetterReplay replay;

    @BeforeEach
    void open() {
        broker = new BrokerFixture(folder.resolve("broker"));
        ledger = new Ledger(folder.resolve("ledger"), clock);
        ledger.open();
        var files = new BodyFiles(folder.resolve("bodies"));
        messages = new CallMessages(files, "ns", Duration.ofHours(1), 1 << 20, clock);
        queues = new DeadLetterQueues(broker.client());
        replay = new LetterReplay(ledger, queues, messages, files, new CallEvents() {}, Duration.ofHours(1), clock);
    }

    @AfterEach
    void close() throws Exception {
        workers.shutdownNow();
        ledger.close();
        broker.close();
    }

    @Test
    void whatMatchesIsReplayedAndWhatDoesNotStays() {
        List<DeadLetter> wanted = bury(150, FUNCTION, DeadReason.REJECTED, 1);
        List<DeadLetter> others = bury(150, FUNCTION, DeadReason.EXPIRED, 1);
        try (var runner = runner()) {
            ReplayJob job = runner.submit(job(0, 0, false), reason(DeadReason.REJECTED), 10);

            assertThat(job.matched()).isEqualTo(150);
            awaitState(job, State.DONE);
            assertThat(progress(job)).isEqualTo(new Progress(0, 150, 0, 0, 0, 0, 0, 150));
        }
        assertThat(ledger.deadLetters(DeadLetterFilter.ALL, 500, null).items())
                .extracting(DeadLetter::id)
                .containsExactlyInAnyOrderElementsOf(
                        others.stream().map(DeadLetter::id).toList());
        assertThat(ledger.call(wanted.get(0).callId()).orElseThrow().generation())
                .isEqualTo(2);
        assertThat(others).allMatch(letter -> queues.remove(letter.physicalQueue(), letter.callId(), 1));
        assertThat(wanted).noneMatch(letter -> queues.remove(letter.physicalQueue(), letter.callId(), 1));
        assertThat(wanted).allMatch(letter -> queues.remove(TARGET, letter.callId(), 2));
    }

    @Test
    void aLetterThatCameBackTooOftenIsRefusedUnlessForced() {
        bury(3, FUNCTION, DeadReason.REJECTED, 4);
        bury(2, FUNCTION, DeadReason.REJECTED, 1);
        try (var runner = runner()) {
            ReplayJob cautious = runner.submit(job(0, 0, false), DeadLetterFilter.ALL, 3);
            awaitState(cautious, State.DONE);
            assertThat(progress(cautious)).isEqualTo(new Progress(0, 2, 3, 0, 0, 0, 0, 2));

            ReplayJob forced = runner.submit(job(0, 0, true), DeadLetterFilter.ALL, 3);
            awaitState(forced, State.DONE);
            assertThat(progress(forced).replayed()).isEqualTo(3);
        }
    }

    @Test
    void aPausedJobWaitsAndACancelledOneEnds() {
        bury(50, FUNCTION, DeadReason.REJECTED, 1);
        try (var runner = runner()) {
            ReplayJob job = runner.submit(job(5, 0, false), DeadLetterFilter.ALL, 10);
            await().atMost(PATIENCE).until(() -> progress(job).replayed() > 0);
            assertThat(ledger.jobs().move(job.id(), State.RUNNING, State.PAUSED))
                    .isTrue();
            await().pollDelay(Duration.ofMillis(600)).until(() -> true);
            long replayed = progress(job).replayed();
            await().during(Duration.ofSeconds(1))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> progress(job).replayed() == replayed);

            assertThat(ledger.jobs().move(job.id(), State.PAUSED, State.RUNNING))
                    .isTrue();
            await().atMost(PATIENCE).until(() -> progress(job).replayed() > replayed);
            assertThat(ledger.jobs().end(job.id(), State.CANCELLED, null, clock.instant()))
                    .isTrue();
            assertThat(ledger.jobs().end(job.id(), State.DONE, null, clock.instant()))
                    .isFalse();
            assertThat(progress(job).waiting()).isPositive();
        }
    }

    @Test
    void aJobGoesOnWhereItWasWhenTheNextProcessStarts() {
        List<DeadLetter> letters = bury(120, FUNCTION, DeadReason.REJECTED, 1);
        ReplayJob job;
        try (var runner = runner()) {
            job = runner.submit(job(40, 0, false), DeadLetterFilter.ALL, 10);
            await().atMost(PATIENCE).until(() -> progress(job).replayed() > 20);
        }
        assertThat(progress(job).waiting()).isPositive();

        try (var runner = runner()) {
            runner.start();
            awaitState(job, State.DONE);
        }
        assertThat(progress(job).replayed()).isEqualTo(120);
        assertThat(letters).allMatch(letter -> queues.remove(TARGET, letter.callId(), 2));
        assertThat(letters).noneMatch(letter -> queues.remove(TARGET, letter.callId(), 2));
    }

    /** As a kill -9 leaves it between the broker's commit and the ledger's. */
    @Test
    void whatWasSentBeforeACrashIsNotSentAgainAndTheLedgerFollows() {
        List<DeadLetter> letters = bury(20, FUNCTION, DeadReason.REJECTED, 1);
        ReplayJob job = ledger.jobs().create(job(0, 0, false), DeadLetterFilter.ALL, 10);
        for (DeadLetter letter : letters.subList(0, 5)) {
            ledger.jobs().taking(job.id(), Map.of(letter.id(), letter.callId()));
            Call call = replay.next(letter, Edits.NONE);
            queues.replace(letter.physicalQueue(), letter.callId(), 1, replay.unchanged(letter, call));
        }
        ledger.jobs()
                .taking(job.id(), Map.of(letters.get(5).id(), letters.get(5).callId()));
        queues.remove(letters.get(6).physicalQueue(), letters.get(6).callId(), 1); // another client's doing

        try (var runner = runner()) {
            runner.start();
            awaitState(job, State.DONE);
        }

        assertThat(progress(job)).isEqualTo(new Progress(0, 19, 0, 1, 0, 0, 0, 19));
        for (DeadLetter letter : letters) {
            boolean gone = letter.equals(letters.get(6));
            assertThat(queues.remove(TARGET, letter.callId(), 2)).isNotEqualTo(gone);
            assertThat(queues.remove(TARGET, letter.callId(), 2)).as("twice").isFalse();
            assertThat(ledger.call(letter.callId()).orElseThrow().state())
                    .isEqualTo(gone ? CallState.DEAD : CallState.QUEUED);
        }
    }

    @Test
    void aJobWhoseCallsFailAgainStopsAndSaysWhy() {
        List<DeadLetter> letters = bury(300, FUNCTION, DeadReason.REJECTED, 1);
        try (var runner = runner()) {
            ReplayJob job = runner.submit(job(0, 0.5, false), DeadLetterFilter.ALL, 10);
            await().atMost(PATIENCE).until(() -> {
                fail(letters);
                return ledger.jobs().find(job.id()).orElseThrow().state() == State.STOPPED;
            });

            assertThat(ledger.jobs().find(job.id()).orElseThrow().note()).contains("replayed calls failed again");
            assertThat(progress(job).waiting()).isPositive();
        }
    }

    @Test
    void theOthersWaitUntilTheCanariesHaveSucceeded() {
        List<DeadLetter> letters = bury(150, FUNCTION, DeadReason.REJECTED, 1);
        try (var runner = runner()) {
            ReplayJob job = runner.submit(staged(0, 3), DeadLetterFilter.ALL, 10);
            await().atMost(PATIENCE).until(() -> progress(job).replayed() == 3);
            await().during(Duration.ofMillis(500))
                    .atMost(PATIENCE)
                    .until(() -> progress(job).replayed() == 3);

            succeed(letters, 2);
            await().during(Duration.ofMillis(500))
                    .atMost(PATIENCE)
                    .until(() -> progress(job).replayed() == 3);
            succeed(letters, 1);
            await().atMost(PATIENCE)
                    .until(() -> ledger.jobs().find(job.id()).orElseThrow().state() == State.DONE);
            await().atMost(PATIENCE).until(() -> progress(job).replayed() == 150);
        }
    }

    @Test
    void aCanaryThatFailsStopsTheJobAlsoInTheNextProcess() {
        List<DeadLetter> letters = bury(20, FUNCTION, DeadReason.REJECTED, 1);
        ReplayJob job;
        try (var runner = runner()) {
            job = runner.submit(staged(0, 2), DeadLetterFilter.ALL, 10);
            await().atMost(PATIENCE).until(() -> progress(job).unfinished() == 2);
        }
        succeed(letters, 1);

        try (var runner = runner()) {
            runner.start();
            await().during(Duration.ofMillis(500))
                    .atMost(PATIENCE)
                    .until(() -> progress(job).replayed() == 2);
            fail(letters);
            await().atMost(PATIENCE)
                    .until(() -> ledger.jobs().find(job.id()).orElseThrow().state() == State.STOPPED);
        }

        assertThat(ledger.jobs().find(job.id()).orElseThrow().note())
                .isEqualTo("1 of the first 2 calls failed again, and all others wait until 2 have succeeded");
        assertThat(progress(job)).isEqualTo(new Progress(18, 2, 0, 0, 1, 1, 1, 0));
    }

    @Test
    void eachStageWaitsForTheOneBeforeAlsoInTheNextProcess() {
        List<DeadLetter> letters = bury(60, FUNCTION, DeadReason.REJECTED, 1);
        ReplayJob job;
        try (var runner = runner()) {
            job = runner.submit(staged(0, 1, 5, 20), DeadLetterFilter.ALL, 10);
            awaitHeldAt(job, 1);
            succeed(letters, 1);
            awaitHeldAt(job, 5);
            assertThat(found(job).stagesPassed()).isEqualTo(1);
            succeed(letters, 3);
            awaitHeldAt(job, 5);
        }
        try (var runner = runner()) {
            runner.start();
            awaitHeldAt(job, 5);
            succeed(letters, 1);
            awaitHeldAt(job, 20);
            assertThat(found(job).stagesPassed()).isEqualTo(2);
            succeed(letters, 15);
            await().atMost(PATIENCE).until(() -> found(job).state() == State.DONE);
        }
        await().atMost(PATIENCE).until(() -> progress(job).replayed() == 60);
        assertThat(found(job).stagesPassed()).isEqualTo(3);
    }

    /** What is known of its calls may have been forgotten since; the stage that was reached has not. */
    @Test
    void aJobGoesOnInTheStageThatItHadReached() {
        bury(30, FUNCTION, DeadReason.REJECTED, 1);
        ReplayJob job = ledger.jobs().create(staged(0, 1, 10), DeadLetterFilter.ALL, 10);
        ledger.jobs().passed(job.id(), 1);
        try (var runner = runner()) {
            runner.start();
            awaitHeldAt(job, 10);
        }
    }

    @Test
    void aLargeStageBearsTheFailuresThatTheJobBearsAndASmallOneNone() {
        List<DeadLetter> letters = bury(300, FUNCTION, DeadReason.REJECTED, 1);
        try (var runner = runner()) {
            ReplayJob job = runner.submit(staged(0.3, 1, 20), DeadLetterFilter.ALL, 10);
            awaitHeldAt(job, 1);
            succeed(letters, 1);
            awaitHeldAt(job, 20);
            succeed(letters, 15);
            await().atMost(PATIENCE).until(() -> progress(job).succeeded() == 16);
            fail(letters, 4);
            await().atMost(PATIENCE).until(() -> found(job).stagesPassed() == 2);
            await().atMost(PATIENCE).until(() -> progress(job).replayed() > 20);
            await().atMost(PATIENCE).until(() -> {
                fail(letters);
                return found(job).state() == State.STOPPED;
            });

            assertThat(found(job).note()).contains("replayed calls failed again, it stops at 30 %");
        }
    }

    @Test
    void noMoreCallsAreUnderWayThanTheJobMayHave() {
        List<DeadLetter> letters = bury(30, FUNCTION, DeadReason.REJECTED, 1);
        try (var runner = runner()) {
            ReplayJob job = runner.submit(
                    job(new ReplayPlan(0, 0, List.of(), 4, null, false, false)), DeadLetterFilter.ALL, 10);
            awaitHeldAt(job, 4);
            fail(letters, 2); // they wait to be retried: still under way
            await().atMost(PATIENCE).until(() -> progress(job).retrying() == 2);
            awaitHeldAt(job, 4);
            succeed(letters, 1);
            awaitHeldAt(job, 5);
            assertThat(progress(job).inFlight()).isEqualTo(4);
        }
    }

    @Test
    void aJobWaitsForItsTimeAndTheNextProcessKnowsIt() {
        bury(10, FUNCTION, DeadReason.REJECTED, 1);
        var now = new AtomicLong(clock.millis());
        InstantSource time = () -> Instant.ofEpochMilli(now.get());
        Instant later = time.instant().plusSeconds(3_600);
        ReplayJob job;
        try (var runner = runner(time)) {
            job = runner.submit(job(new ReplayPlan(0, 0, List.of(), 0, later, false, false)), DeadLetterFilter.ALL, 10);
            assertThat(found(job).scheduledAt(time.instant())).isTrue();
            awaitHeldAt(job, 0);
        }
        try (var runner = runner(time)) {
            runner.start();
            awaitHeldAt(job, 0);
            now.set(later.toEpochMilli());
            awaitState(job, State.DONE);
        }
        assertThat(found(job).scheduledAt(time.instant())).isFalse();
        assertThat(progress(job).replayed()).isEqualTo(10);
    }

    @Test
    void aLetterThatCameBackOnceIsLeftOutWhenThatIsAskedFor() {
        bury(3, FUNCTION, DeadReason.REJECTED, 2);
        bury(2, FUNCTION, DeadReason.REJECTED, 1);
        assertThat(ledger.jobs().replayed(DeadLetterFilter.ALL, 1)).isEqualTo(3);
        try (var runner = runner()) {
            ReplayJob job =
                    runner.submit(job(new ReplayPlan(0, 0, List.of(), 0, null, true, false)), DeadLetterFilter.ALL, 10);
            awaitState(job, State.DONE);

            assertThat(progress(job)).isEqualTo(new Progress(0, 2, 3, 0, 0, 0, 0, 2));
        }
    }

    @Test
    void theCallsOfAJobAreFoundByIt() {
        List<DeadLetter> letters = bury(3, FUNCTION, DeadReason.REJECTED, 1);
        bury(2, FUNCTION, DeadReason.EXPIRED, 1);
        try (var runner = runner()) {
            ReplayJob job = runner.submit(job(0, 0, false), reason(DeadReason.REJECTED), 10);
            awaitState(job, State.DONE);
            succeed(letters, 1);

            await().atMost(PATIENCE).until(() -> calls(job, CallState.SUCCEEDED).size() == 1);
            assertThat(calls(job, null))
                    .containsExactlyInAnyOrderElementsOf(
                            letters.stream().map(DeadLetter::callId).toList());
            assertThat(ledger.calls(ofReplay("nobody", null), 10, null).items()).isEmpty();
        }
    }

    private List<CallId> calls(ReplayJob job, @Nullable CallState state) {
        return ledger.calls(ofReplay(job.id(), state), 10, null).items().stream()
                .map(CallStatus::callId)
                .toList();
    }

    private static CallFilter ofReplay(String job, @Nullable CallState state) {
        return new CallFilter(null, null, state, null, null, null, null, job);
    }

    /** So many have been sent, and no more for a while. */
    private void awaitHeldAt(ReplayJob job, int replayed) {
        await().atMost(PATIENCE).until(() -> progress(job).replayed() == replayed);
        await().during(Duration.ofMillis(500))
                .atMost(PATIENCE)
                .until(() -> progress(job).replayed() == replayed);
    }

    private ReplayJob found(ReplayJob job) {
        return ledger.jobs().find(job.id()).orElseThrow();
    }

    /** Every call that was replayed fails at once. */
    private void fail(List<DeadLetter> letters) {
        fail(letters, letters.size());
    }

    /** So many of those that were replayed wait to be retried. */
    private void fail(List<DeadLetter> letters, int count) {
        letters.stream()
                .filter(letter -> ledger.call(letter.callId()).orElseThrow().state() == CallState.QUEUED)
                .limit(count)
                .forEach(letter -> ledger.settle(Settlement.retrying(
                        call(letter.callId(), FUNCTION, 2),
                        attempt(500),
                        clock.instant().plusSeconds(60))));
    }

    /** So many of those that were replayed are over and well. */
    private void succeed(List<DeadLetter> letters, int count) {
        letters.stream()
                .filter(letter -> ledger.call(letter.callId()).orElseThrow().state() == CallState.QUEUED)
                .limit(count)
                .forEach(letter ->
                        ledger.settle(Settlement.succeeded(call(letter.callId(), FUNCTION, 2), attempt(200))));
    }

    private Attempt attempt(int status) {
        return new Attempt(1, clock.instant(), Duration.ZERO, status, null, null);
    }

    @Test
    void theRateIsKept() {
        int count = Integer.getInteger("caravan.test.replays", 500);
        int rate = Integer.getInteger("caravan.test.rate", 100);
        bury(count, FUNCTION, DeadReason.REJECTED, 1);
        try (var runner = runner()) {
            long begun = System.nanoTime();
            ReplayJob job = runner.submit(job(rate, 0, false), DeadLetterFilter.ALL, 10);
            await().pollInterval(Duration.ofMillis(50))
                    .atMost(PATIENCE)
                    .until(() -> ledger.jobs().find(job.id()).orElseThrow().state() == State.DONE);
            double seconds = (System.nanoTime() - begun) / 1e9;

            LoggerFactory.getLogger(getClass())
                    .info("{} letters at {}/s took {} s: {}/s", count, rate, seconds, count / seconds);
            // Never faster; how much slower depends on the machine.
            assertThat(count / seconds).isLessThan(rate * 1.05);
            assertThat(progress(job).replayed()).isEqualTo(count);
        }
    }

    private ReplayRunner runner() {
        return runner(clock);
    }

    private ReplayRunner runner(InstantSource time) {
        return new ReplayRunner(ledger, queues, replay, workers, time);
    }

    private Progress progress(ReplayJob job) {
        return ledger.jobs().progress(job.id());
    }

    private void awaitState(ReplayJob job, State state) {
        await().atMost(PATIENCE)
                .until(() -> ledger.jobs().find(job.id()).orElseThrow().state() == state);
        // What was changed last is written within a moment.
        await().atMost(PATIENCE)
                .until(() -> progress(job).unfinished() == progress(job).replayed());
    }

    private static ReplayJob job(double rate, double stopAt, boolean force) {
        return job(new ReplayPlan(rate, stopAt, List.of(), 0, null, false, force));
    }

    private static ReplayJob staged(double stopAt, Integer... canaries) {
        return job(new ReplayPlan(0, stopAt, List.of(canaries), 0, null, false, false));
    }

    private static ReplayJob job(ReplayPlan plan) {
        return ReplayJob.asked(CallId.random().text(), "{}", plan, Instant.parse("2026-03-01T10:00:00Z"));
    }

    private static DeadLetterFilter reason(DeadReason reason) {
        return new DeadLetterFilter(null, null, null, reason, null);
    }

    /** Calls that died, with their letters in ledger and queue. */
    private List<DeadLetter> bury(int count, FunctionName function, DeadReason reason, int generation) {
        List<DeadLetter> letters = new ArrayList<>();
        List<Replacement> put = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Call call = call(CallId.random(), function, generation);
            DeadLetter letter = letter(call, reason);
            letters.add(letter);
            put.add(new Replacement(letter.physicalQueue(), CallProperties.of(call, null), new byte[] {1}));
            if (put.size() == 500 || i == count - 1) {
                queues.put(put);
                put.clear();
            }
        }
        for (int from = 0; from < count; from += 100) {
            CompletableFuture.allOf(letters.subList(from, Math.min(count, from + 100)).stream()
                            .map(letter -> CompletableFuture.runAsync(
                                    () -> ledger.settle(Settlement.dead(
                                            call(letter.callId(), function, generation),
                                            new Attempt(1, clock.instant(), Duration.ZERO, 500, "no", null),
                                            letter)),
                                    workers))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
        }
        return letters;
    }

    private DeadLetter letter(Call call, DeadReason reason) {
        return new DeadLetter(
                DeadLetter.idOf(call.id(), call.generation()),
                call.id(),
                call.generation(),
                call.queue(),
                QueueNames.deadLetters(call.queue(), call.function()),
                call.function(),
                reason,
                500,
                "no",
                Fingerprint.of(call.function(), reason, 500, "no"),
                1,
                call.submittedAt(),
                clock.instant(),
                1,
                null,
                call.generation() - 1,
                null,
                new DeadLetterContent(
                        CallProperties.json(call, null),
                        "[]",
                        ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)),
                        null));
    }

    private Call call(CallId id, FunctionName function, int generation) {
        return new Call(
                id,
                function,
                function.name(),
                QueueNames.DEFAULT_QUEUE,
                "/",
                null,
                Map.of(),
                null,
                null,
                null,
                null,
                generation,
                1,
                4,
                clock.instant(),
                clock.instant().plusSeconds(3_600),
                List.of());
    }
}
