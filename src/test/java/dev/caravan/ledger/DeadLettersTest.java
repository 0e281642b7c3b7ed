package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.NOW;
import static dev.caravan.ledger.Calls.call;
import static dev.caravan.ledger.Calls.letter;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.search.Query;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Many dead letters: found, counted, deleted and restored. */
@Timeout(300)
class DeadLettersTest {

    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = new Ledger(folder, InstantSource.system());
        ledger.open();
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void aTextIsFoundInAnyCaseAndAsItStands() {
        String found = buried("100% of Orders failed\ncontent-type: text/plain");
        buried("100 of orders failed");

        assertThat(ids(text("ORDERS FAILED"))).hasSize(2);
        assertThat(ids(text("100% of"))).containsExactly(found);
        assertThat(ids(text("10_"))).isEmpty();
        assertThat(ids(text("!"))).isEmpty();
    }

    @Test
    void sinceIncludesItsTimeAndUntilDoesNot() {
        String first = buried("a");
        ledger.bury(letter(call(), NOW.plusSeconds(10)));

        assertThat(ids(between(0, 10))).containsExactly(first);
        assertThat(ids(between(10, 11))).hasSize(1).doesNotContain(first);
        assertThat(ids(between(1, 10))).isEmpty();
    }

    private static DeadLetterFilter between(int since, int until) {
        return new DeadLetterFilter(
                null, null, null, null, null, null, NOW.plusSeconds(since), NOW.plusSeconds(until), null);
    }

    private static DeadLetterFilter text(String text) {
        return new DeadLetterFilter(null, null, null, null, null, null, null, null, Query.ofText(text));
    }

    @Test
    void whatDiedOfTheSameIsOneGroupAndTheLargestComesFirst() {
        var other = new FunctionName("other", "openfaas-fn");
        ledger.bury(letter(call(CallId.random(), other, 1, 1), NOW));
        ledger.bury(letter(call(), NOW));
        ledger.bury(letter(call(), NOW.plusSeconds(5)));

        List<DeadLetterGroup> groups = ledger.letters().groups(DeadLetterFilter.ALL, NOW.plusSeconds(60));

        assertThat(groups).extracting(DeadLetterGroup::count).containsExactly(2L, 1L);
        assertThat(groups.get(0).function()).isEqualTo(Calls.THUMBNAIL);
        assertThat(groups.get(0).error()).isEqualTo("it broke");
        assertThat(groups.get(0).firstAt()).isEqualTo(NOW);
        assertThat(groups.get(0).lastAt()).isEqualTo(NOW.plusSeconds(5));
    }

    @Test
    void ofEachGroupTheLastDayIsCountedByTheHour() {
        var other = new FunctionName("other", "openfaas-fn");
        for (int hoursAgo : new int[] {0, 0, 1, 23, 25}) {
            ledger.bury(letter(call(), NOW.minus(Duration.ofHours(hoursAgo)).minusSeconds(1)));
        }
        ledger.bury(letter(call(CallId.random(), other, 1, 1), NOW.plusSeconds(5))); // by a clock that is ahead
        ledger.bury(letter(call(CallId.random(), other, 1, 1), NOW.minus(Duration.ofHours(24))));

        List<DeadLetterGroup> groups = ledger.letters().groups(DeadLetterFilter.ALL, NOW);

        assertThat(groups.get(0).count()).isEqualTo(5);
        assertThat(groups.get(0).hourly()).hasSize(24).startsWith(1L, 0L).endsWith(0L, 1L, 2L);
        assertThat(groups.get(1).hourly()).hasSize(24).startsWith(1L, 0L).endsWith(0L, 1L);
        assertThat(ledger.letters().groups(between(5, 6), NOW).get(0).hourly())
                .startsWith(0L)
                .endsWith(0L, 1L);
    }

    @Test
    void whenTheyDiedIsCountedInStepsThatAreNotTooMany() {
        assertThat(ledger.letters().deaths(DeadLetterFilter.ALL, 10).counts()).isEmpty();
        ledger.bury(letter(call(), NOW));
        ledger.bury(letter(call(), NOW.plusSeconds(2)));
        ledger.bury(letter(call(), NOW.plusSeconds(2)));

        DeathCounts closely = ledger.letters().deaths(DeadLetterFilter.ALL, 10);
        assertThat(closely).isEqualTo(new DeathCounts(NOW, Duration.ofSeconds(1), List.of(1L, 0L, 2L)));

        ledger.bury(letter(call(), NOW.plusSeconds(45)));
        DeathCounts roughly = ledger.letters().deaths(DeadLetterFilter.ALL, 10);
        assertThat(roughly).isEqualTo(new DeathCounts(NOW, Duration.ofSeconds(10), List.of(3L, 0L, 0L, 0L, 1L)));
        assertThat(ledger.letters().deaths(between(1, 10), 10).counts()).containsExactly(2L);
        ledger.bury(letter(call(), NOW.minus(Duration.ofDays(20_000))));
        assertThat(ledger.letters().deaths(DeadLetterFilter.ALL, 10).counts())
                .hasSizeLessThanOrEqualTo(10)
                .contains(4L, 1L);
    }

    @Test
    void aDeletedLetterIsInNoListUntilItIsRestoredWhole() {
        String id = buried("a");
        DeadLetter before = ledger.deadLetter(id).orElseThrow();

        assertThat(ledger.letters().delete(id, NOW)).isTrue();

        assertThat(ids(DeadLetterFilter.ALL)).isEmpty();
        assertThat(ledger.deadLetter(id)).isEmpty();
        assertThat(ledger.letters().delete(id, NOW)).as("again").isFalse();
        assertThat(ledger.letters().deletedBefore(NOW, 10)).isEmpty();
        assertThat(ledger.letters().deletedBefore(NOW.plusMillis(1), 10)).containsExactly(before);
        assertThat(ledger.letters().restore(id)).isTrue();
        assertThat(ledger.letters().restore(id)).as("again").isFalse();
        assertThat(ledger.deadLetter(id)).contains(before);
    }

    @Test
    void aLetterThatCameBackAfterItWasDeletedCanBeDeletedAgain() {
        String id = buried("a");
        DeadLetter letter = ledger.deadLetter(id).orElseThrow();
        ledger.letters().delete(id, NOW);
        ledger.bury(letter);

        assertThat(ledger.letters().delete(id, NOW)).isTrue();
        assertThat(ledger.letters().restore(id)).isTrue();
        assertThat(ids(DeadLetterFilter.ALL)).containsExactly(id);
    }

    @Test
    void deletingByFilterTakesWhatMatchesAndNothingElse() {
        var other = new FunctionName("other", "openfaas-fn");
        for (int i = 0; i < 1_200; i++) {
            enter(letter(call(CallId.random(), other, 1, 1), NOW.plusMillis(i)));
        }
        String stays = buried("a");

        long deleted = ledger.letters().delete(function("other"), NOW);

        assertThat(deleted).isEqualTo(1_200);
        assertThat(ids(DeadLetterFilter.ALL)).containsExactly(stays);
        assertThat(ledger.letters().deletedBefore(NOW.plusMillis(1), 2_000)).hasSize(1_200);
    }

    @Test
    void aRemovedLetterIsGoneThoughItWasDeletedBefore() {
        String id = buried("a");
        ledger.letters().delete(id, NOW);

        assertThat(ledger.remove(id)).isTrue();

        assertThat(ledger.letters().restore(id)).isFalse();
        assertThat(ledger.letters().deleted(id)).isEmpty();
    }

    @Test
    void batchesPassEveryLetterOnceWithItsContent() {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            sent.add(0, buried("a"));
        }

        List<String> seen = new ArrayList<>();
        DeadLetter last = null;
        List<DeadLetter> batch = ledger.letters().batch(DeadLetterFilter.ALL, 10, last);
        while (!batch.isEmpty()) {
            assertThat(batch).allSatisfy(each -> assertThat(each.content()).isNotNull());
            batch.forEach(each -> seen.add(each.id()));
            batch = ledger.letters().batch(DeadLetterFilter.ALL, 10, batch.get(batch.size() - 1));
        }

        assertThat(seen).containsExactlyInAnyOrderElementsOf(sent).doesNotHaveDuplicates();
    }

    /** The bounds are the point; a slow machine has ten times as long. */
    @Test
    void aPageOverAHundredThousandLettersIsQuick() throws SQLException {
        String middle = "";
        for (int i = 0; i < 100_000; i++) {
            var function = new FunctionName("f-" + i % 10, "openfaas-fn");
            DeadLetter letter = letter(call(CallId.random(), function, 1, 1), NOW.plusMillis(i));
            middle = i == 50_000 ? DeadLetterWhere.cursor(letter) : middle;
            batch.add(withText(letter, "order " + i + " failed ".repeat(20)));
            if (batch.size() == 1_000) {
                enterAll();
            }
        }
        var fingerprint =
                ledger.deadLetters(function("f-3"), 1, null).items().get(0).fingerprint();
        var byFingerprint = new DeadLetterFilter(null, null, null, null, null, fingerprint, null, null, null);
        var byReason = new DeadLetterFilter(null, null, null, DeadReason.ATTEMPTS_EXHAUSTED, null);
        var byStatus = new DeadLetterFilter(null, null, null, null, 500);
        var recent = new DeadLetterFilter(
                null, null, null, null, null, null, NOW.plusMillis(90_000), NOW.plusMillis(95_000), null);

        assertThat(millis("first page", DeadLetterFilter.ALL, null)).isLessThan(2_000);
        assertThat(millis("middle page", DeadLetterFilter.ALL, middle)).isLessThan(2_000);
        assertThat(millis("function", function("f-3"), null)).isLessThan(5_000);
        assertThat(millis("function, middle", function("f-3"), middle)).isLessThan(5_000);
        assertThat(millis("fingerprint", byFingerprint, null)).isLessThan(5_000);
        assertThat(millis("reason (all)", byReason, null)).isLessThan(5_000);
        assertThat(millis("status (all)", byStatus, null)).isLessThan(5_000);
        assertThat(millis("queue (all)", DeadLetterFilter.ofQueue("faas-request"), null))
                .isLessThan(5_000);
        assertThat(millis("since, until", recent, null)).isLessThan(5_000);
        assertThat(millis("text, rare", text("order 77777 "), null)).isLessThan(30_000);
        assertThat(millis("text, common", text("failed"), null)).isLessThan(30_000);
        for (int i = 0; i < 3; i++) {
            long begun = System.nanoTime();
            assertThat(ledger.letters().groups(DeadLetterFilter.ALL, NOW.plusSeconds(3_600)))
                    .hasSize(10);
            LoggerFactory.getLogger(getClass()).info("groups: {} ms", (System.nanoTime() - begun) / 1_000_000);
        }
    }

    private final List<DeadLetter> batch = new ArrayList<>();

    private long millis(String what, DeadLetterFilter filter, @Nullable String cursor) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long begun = System.nanoTime();
            DeadLetterPage page = ledger.deadLetters(filter, 50, cursor);
            best = Math.min(best, Duration.ofNanos(System.nanoTime() - begun).toMillis());
            assertThat(page.items()).isNotEmpty();
        }
        LoggerFactory.getLogger(getClass()).info("{}: {} ms", what, best);
        return best;
    }

    private static DeadLetterFilter function(String name) {
        return new DeadLetterFilter(null, name, null, null, null);
    }

    private List<String> ids(DeadLetterFilter filter) {
        DeadLetterPage page = ledger.deadLetters(filter, 100, null);
        assertThat(page.total()).isEqualTo(page.items().size());
        return page.items().stream().map(DeadLetter::id).toList();
    }

    private String buried(String text) {
        Call call = call();
        DeadLetter letter = withText(letter(call, NOW), text);
        ledger.bury(letter);
        return letter.id();
    }

    private static DeadLetter withText(DeadLetter letter, String text) {
        DeadLetterContent content = Objects.requireNonNull(letter.content());
        return letter.with(new DeadLetterContent(
                content.headers(),
                content.history(),
                content.body(),
                content.bodyReference(),
                text.toLowerCase(Locale.ROOT)));
    }

    private void enter(DeadLetter letter) {
        batch.add(letter);
        if (batch.size() == 100) {
            try {
                enterAll();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Past the ledger's own thread, for the sake of speed. */
    private void enterAll() throws SQLException {
        try (var connection = ledger.database().connection()) {
            for (DeadLetter letter : batch) {
                DeadLetterTable.insert(connection, letter);
            }
            connection.commit();
        }
        batch.clear();
    }
}
