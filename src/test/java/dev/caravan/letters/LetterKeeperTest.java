package dev.caravan.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.FunctionScope;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.Ledger;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BrokerFixture;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.DeadLetterQueues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of letters that are too old; they come in as NDJSON. */
@Timeout(120)
class LetterKeeperTest {

    private static final Duration DAY = Duration.ofDays(1);
    private static final String DLQ = "DLQ.faas-request.ns.f";

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-03-02T10:00:00Z");
    private final InstantSource clock = () -> now;
    private BrokerFixture broker;
    private Ledger ledger;
    private DeadLetterQueues queues;
    private BodyFiles bodies;
    private LetterLine lines;
    private LetterImport imports;

    @BeforeEach
    void open() {
        broker = new BrokerFixture(folder.resolve("broker"));
        ledger = new Ledger(folder.resolve("ledger"), clock);
        ledger.open();
        bodies = new BodyFiles(folder.resolve("bodies"));
        var messages = new CallMessages(bodies, "ns", Duration.ofHours(1), 1 << 20, clock);
        queues = new DeadLetterQueues(broker.client());
        lines = new LetterLine(messages, new LetterBody(bodies));
        imports = new LetterImport(ledger, queues, bodies, lines);
    }

    @AfterEach
    void close() throws Exception {
        ledger.close();
        broker.close();
    }

    @Test
    void aDeletedLetterGoesForGoodWhenItsTimeIsOver() {
        imports.run(line("call-0001", "2026-03-01T10:00:00Z", "x".repeat(100_000)), FunctionScope.ALL);
        imports.run(line("call-0002", "2026-03-01T10:00:00Z", "stays"), FunctionScope.ALL);
        DeadLetter letter = ledger.deadLetter("call-0001.1").orElseThrow();
        String file = Objects.requireNonNull(LetterBody.content(letter).bodyReference());
        ledger.letters().delete(letter.id(), now);
        try (var keeper = keeper(Duration.ZERO)) {
            now = now.plus(DAY);
            keeper.look();
            assertThat(ledger.letters().deleted(letter.id())).as("not yet").isPresent();

            now = now.plusMillis(1);
            keeper.look();
        }

        assertThat(ledger.letters().deleted(letter.id())).isEmpty();
        assertThat(folder.resolve("bodies").resolve(file)).doesNotExist();
        assertThat(queues.remove(DLQ, letter.callId(), 1)).isFalse();
        assertThat(ledger.deadLetters(DeadLetterFilter.ALL, 10, null).items())
                .extracting(DeadLetter::id)
                .containsExactly("call-0002.1");
    }

    @Test
    void anOldLetterIsInAFileBeforeItGoesAndCanComeBack() throws IOException {
        imports.run(line("call-0001", "2026-03-01T09:59:59Z", "old"), FunctionScope.ALL);
        imports.run(line("call-0002", "2026-03-01T10:00:00Z", "young"), FunctionScope.ALL);
        DeadLetter old = ledger.deadLetter("call-0001.1").orElseThrow();
        try (var keeper = keeper(DAY)) {
            keeper.look();
            keeper.look();
        }

        assertThat(ledger.deadLetter(old.id())).isEmpty();
        assertThat(ledger.deadLetter("call-0002.1")).isPresent();
        assertThat(queues.remove(DLQ, old.callId(), 1)).isFalse();
        List<Path> files;
        try (Stream<Path> found = Files.list(folder.resolve("exported"))) {
            files = found.toList();
        }
        assertThat(files).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.get(0))))
                .isEqualTo("rw-------");
        assertThat(Files.readAllLines(files.get(0))).singleElement().asString().contains("\"body\":\"old\"");
        assertThat(imports.run(Files.readAllBytes(files.get(0)), FunctionScope.ALL))
                .isEqualTo(new LetterImport.Done(1, 0));
        assertThat(ledger.deadLetter(old.id()).map(DeadLetter::fingerprint)).contains(old.fingerprint());
        assertThat(queues.remove(DLQ, old.callId(), 1)).isTrue();
    }

    @Test
    void aLetterThatStandsIsSkippedAndOneThatWasDeletedComesBack() {
        byte[] line = line("call-0001", "2026-03-01T10:00:00Z", "x");
        assertThat(imports.run(line, FunctionScope.ALL)).isEqualTo(new LetterImport.Done(1, 0));
        assertThat(imports.run(line, FunctionScope.ALL)).isEqualTo(new LetterImport.Done(0, 1));
        ledger.letters().delete("call-0001.1", now);

        assertThat(imports.run(line, FunctionScope.ALL)).isEqualTo(new LetterImport.Done(1, 0));

        DeadLetter letter = ledger.deadLetter("call-0001.1").orElseThrow();
        assertThat(ledger.letters().deleted(letter.id())).isEmpty();
        assertThat(queues.remove(DLQ, letter.callId(), 1)).isTrue();
        assertThat(queues.remove(DLQ, letter.callId(), 1)).as("twice").isFalse();
    }

    @Test
    void aWrongLineIsNamedAndNothingIsDone() {
        String good = new String(line("call-0001", "2026-03-01T10:00:00Z", "x"), StandardCharsets.UTF_8);

        for (String wrong : List.of(
                "{",
                "[]",
                "{}",
                good.replace("call-0001", "x"),
                good.replace("rejected", "bored"),
                good.replace("2026-03-01T10:00:00Z", "yesterday"),
                good.replace("faas-request", "NO QUEUE"),
                good.replace("\"body\":\"x\"", "\"bodyBase64\":\"%\""),
                good.replace("\"CaravanPath\":\"/\"", "\"CaravanPath\":\"no path\""))) {
            assertThatThrownBy(() ->
                            imports.run((good + "\n" + wrong).getBytes(StandardCharsets.UTF_8), FunctionScope.ALL))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("line 2: ");
        }
        assertThat(ledger.deadLetters(DeadLetterFilter.ALL, 10, null).items()).isEmpty();
    }

    private LetterKeeper keeper(Duration keep) {
        return new LetterKeeper(ledger, queues, bodies, lines, folder.resolve("exported"), keep, DAY, clock);
    }

    private static byte[] line(String call, String deadAt, String body) {
        return ("{\"callId\":\"" + call + "\",\"queue\":\"faas-request\",\"reason\":\"rejected\",\"statusCode\":418,"
                        + "\"deadAt\":\"" + deadAt + "\",\"attempts\":1,\"history\":[],\"call\":{"
                        + "\"CaravanFunction\":\"f\",\"CaravanNamespace\":\"ns\",\"CaravanPath\":\"/\"},"
                        + "\"body\":\"" + body + "\"}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
