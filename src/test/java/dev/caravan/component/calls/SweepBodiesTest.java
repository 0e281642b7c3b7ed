package dev.caravan.component.calls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Settlement;
import dev.caravan.queue.BodyFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that is needed is never deleted; one that is not goes in the end. */
class SweepBodiesTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final Duration MAX_AGE = Duration.ofHours(24);
    private static final Duration ANCIENT = Duration.ofDays(32);
    private static final Duration HOURS = Duration.ofHours(2);

    @TempDir
    Path folder;

    private Ledger ledger;
    private BodyFiles bodies;

    @BeforeEach
    void open() {
        ledger = new Ledger(folder.resolve("ledger"), InstantSource.fixed(NOW));
        ledger.open();
        bodies = new BodyFiles(folder.resolve("bodies"));
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private void sweep() {
        new SweepBodies(bodies, ledger, MAX_AGE, InstantSource.fixed(NOW)).sweep();
    }

    private String body(Call call, Duration age) throws Exception {
        return aged(bodies.write(call.id(), new byte[] {1}), age);
    }

    private String answer(Call call, Duration age) throws Exception {
        return aged(bodies.writeAnswer(call.id(), 1, new byte[] {1}), age);
    }

    private String aged(String reference, Duration age) throws Exception {
        Files.setLastModifiedTime(folder.resolve("bodies").resolve(reference), FileTime.from(NOW.minus(age)));
        return reference;
    }

    private boolean there(String reference) {
        return bodies.find(reference).isPresent();
    }

    private static Call call() {
        return new Call(
                CallId.random(),
                new FunctionName("echo", "openfaas-fn"),
                "echo",
                "faas-request",
                "/",
                null,
                Map.of(),
                null,
                null,
                null,
                null,
                1,
                1,
                4,
                NOW,
                NOW.plus(MAX_AGE),
                List.of());
    }

    private Call accepted() {
        Call call = call();
        ledger.accepted(call, null);
        return call;
    }

    private Call succeeded() {
        Call call = accepted();
        ledger.settle(Settlement.succeeded(call, new Attempt(1, NOW, Duration.ofSeconds(1), 200, null, null)));
        return call;
    }

    private static DeadLetter letter(String id, Call call, String reference) {
        return new DeadLetter(
                id,
                call.id(),
                1,
                call.queue(),
                "DLQ.faas-request.openfaas-fn.echo",
                call.function(),
                DeadReason.REJECTED,
                400,
                null,
                "f",
                1,
                NOW,
                NOW,
                1,
                null,
                0,
                null,
                new DeadLetterContent("{}", "[]", null, reference));
    }

    private DeadLetter dead(Call call, String reference) {
        DeadLetter letter = letter(DeadLetter.idOf(call.id(), 1), call, reference);
        ledger.settle(Settlement.dead(call, new Attempt(1, NOW, Duration.ofSeconds(1), 400, null, null), letter));
        return letter;
    }

    @Test
    void whatACallThatIsOverLeftBehindGoes() throws Exception {
        String left = body(succeeded(), HOURS);

        sweep();

        assertThat(there(left)).isFalse();
    }

    @Test
    void aYoungOneStaysWhateverItsCall() throws Exception {
        String young = body(succeeded(), Duration.ofMinutes(59));

        sweep();

        assertThat(there(young)).isTrue();
    }

    @Test
    void theBodyOfAnUnfinishedCallStaysHoweverOld() throws Exception {
        String needed = body(accepted(), ANCIENT.multipliedBy(2));

        sweep();

        assertThat(there(needed)).isTrue();
    }

    @Test
    void aDeadCallsBodyStaysAsLongAsItsLetter() throws Exception {
        Call call = accepted();
        String kept = body(call, ANCIENT);
        DeadLetter letter = dead(call, kept);
        sweep();
        assertThat(there(kept)).isTrue();

        ledger.remove(letter.id());
        sweep();

        assertThat(there(kept)).isFalse();
    }

    @Test
    void aReplayedCallsBodyStays() throws Exception {
        Call call = accepted();
        String kept = body(call, ANCIENT);
        DeadLetter letter = dead(call, kept);
        ledger.reopen(letter.id());

        sweep();

        assertThat(there(kept)).isTrue();
    }

    /** The ledger may lag behind the queue: a call it does not know may wait there. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofACallThatNobodyKnowsItGoesWhenNoCallGetsThatOld(boolean ancient) throws Exception {
        String unknown = body(call(), ancient ? ANCIENT : ANCIENT.minusDays(2));

        sweep();

        assertThat(there(unknown)).isEqualTo(!ancient);
    }

    @Test
    void anAnswerOnItsWayToACallbackUrlStaysThoughItsCallIsOver() throws Exception {
        String underWay = answer(succeeded(), ANCIENT.minusDays(2));
        String forgotten = answer(succeeded(), ANCIENT);
        Call undelivered = succeeded();
        String buried = answer(undelivered, ANCIENT);
        ledger.bury(letter(DeadLetter.callbackIdOf(undelivered.id(), 1), undelivered, buried));
        String sentAgain = answer(succeeded(), ANCIENT);
        bodies.renew(sentAgain, NOW.minus(HOURS));

        sweep();

        assertThat(there(underWay)).isTrue();
        assertThat(there(forgotten)).isFalse();
        assertThat(there(buried)).isTrue();
        assertThat(there(sentAgain)).isTrue();
    }

    @Test
    void otherPeoplesFilesStay() throws Exception {
        Path theirs = Files.createDirectories(folder.resolve("bodies/ab")).resolve("notes.txt");
        Files.writeString(theirs, "x");
        Files.setLastModifiedTime(theirs, FileTime.from(NOW.minus(ANCIENT)));

        sweep();

        assertThat(theirs).exists();
    }

    @Test
    void aFolderThatIsNotThereYetIsFine() {
        sweep();

        assertThat(folder.resolve("bodies")).doesNotExist();
    }
}
