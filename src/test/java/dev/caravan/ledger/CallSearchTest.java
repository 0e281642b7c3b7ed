package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.NOW;
import static dev.caravan.ledger.Calls.call;
import static dev.caravan.ledger.Calls.death;
import static dev.caravan.ledger.Calls.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import dev.caravan.search.Query;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists of calls: newest first, whole pages, and what was just written on this node is in them. */
@Timeout(60)
class CallSearchTest {

    private static final FunctionName OTHER = new FunctionName("other", "openfaas-fn");

    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = ledger(InstantSource.fixed(NOW));
        ledger.open();
    }

    /** A new one on this test's database. */
    Ledger ledger(InstantSource clock) {
        return new Ledger(folder, clock);
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void whatThisNodeHasJustSeenIsInTheList() {
        for (int i = 0; i < 20; i++) {
            Call accepted = call();
            ledger.accepted(accepted, null);

            assertThat(ids(CallFilter.ALL, 1)).containsExactly(accepted.id());
        }
    }

    @Test
    void pagesFollowOneAnotherNewestFirstWithoutGapOrRepetition() {
        List<CallId> sent = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            Call accepted = submitted(i / 5); // several at the same moment
            ledger.accepted(accepted, null);
            sent.add(accepted.id());
        }
        List<CallId> listed = new ArrayList<>();
        String cursor = null;
        do {
            CallPage page = ledger.calls(CallFilter.ALL, 7, cursor);
            page.items().forEach(item -> listed.add(item.callId()));
            cursor = page.next();
        } while (cursor != null);

        assertThat(listed).containsExactlyInAnyOrderElementsOf(sent).doesNotHaveDuplicates();
        assertThat(ledger.calls(CallFilter.ALL, 100, null).items())
                .extracting(CallStatus::submittedAt)
                .isSortedAccordingTo((a, b) -> b.compareTo(a));
    }

    @Test
    void eachFilterNarrowsTheListAndSoDoAllTogether() {
        Call dead = submitted(1);
        ledger.settle(death(dead));
        Call fine = submitted(2);
        ledger.settle(success(fine));
        Call other = Calls.submitted(new CallId("order-4711"), OTHER, NOW.plusSeconds(3));
        ledger.settle(success(other));

        assertThat(ids(filter("other", null, null, null, null, null))).containsExactly(other.id());
        assertThat(ids(filter(null, "openfaas-fn", null, null, null, null))).hasSize(3);
        assertThat(ids(filter(null, "elsewhere", null, null, null, null))).isEmpty();
        assertThat(ids(ofQueue(fine.queue()))).hasSize(3);
        assertThat(ids(ofQueue("elsewhere"))).isEmpty();
        assertThat(ids(filter(null, null, CallState.SUCCEEDED, null, null, null)))
                .containsExactly(other.id(), fine.id());
        assertThat(ids(filter(null, null, null, NOW.plusSeconds(2), null, null)))
                .containsExactly(other.id(), fine.id());
        assertThat(ids(filter(null, null, null, null, NOW.plusSeconds(2), null)))
                .containsExactly(dead.id());
        assertThat(ids(filter("thumbnail", "openfaas-fn", CallState.DEAD, NOW, NOW.plusSeconds(9), "BROKE")))
                .containsExactly(dead.id());
        assertThat(ids(filter("thumbnail", null, CallState.RUNNING, null, null, null)))
                .isEmpty();
    }

    @Test
    void textIsLookedForInIdsErrorsAndAnswersAndMeansItself() {
        Call order = Calls.submitted(new CallId("Order_4711"), OTHER, NOW);
        ledger.settle(Settlement.succeeded(
                order, new Attempt(1, NOW, Duration.ofMillis(1), 200, null, "100 % of the Answer")));
        Call broken = call();
        ledger.settle(death(broken));

        assertThat(ids(text("order_47"))).containsExactly(order.id());
        assertThat(ids(text("orderX47"))).isEmpty();
        assertThat(ids(text("100 %"))).containsExactly(order.id());
        assertThat(ids(text("0%0"))).isEmpty();
        assertThat(ids(text("the answer"))).containsExactly(order.id());
        assertThat(ids(text("it broke"))).containsExactly(broken.id());
        assertThat(ids(text("an excerpt"))).containsExactly(broken.id());
        assertThat(ids(text(broken.id().text().substring(0, 30).toUpperCase(Locale.ROOT))))
                .containsExactly(broken.id());
        assertThat(ids(text("'; DROP TABLE async_call; --"))).isEmpty();
    }

    @Test
    void aCursorOfAnotherListIsRefused() {
        for (String cursor : List.of("", "1", "1-", "x-1", "1-1-1", "9999999999999999999-1")) {
            assertThatThrownBy(() -> ledger.calls(CallFilter.ALL, 1, cursor))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    static Stream<CallFilter> filters() {
        return Stream.of(
                CallFilter.ALL,
                filter("thumbnail", null, null, null, null, null),
                filter("thumbnail", "openfaas-fn", CallState.SUCCEEDED, null, null, null),
                filter(null, null, CallState.SUCCEEDED, null, null, null),
                filter(null, null, null, NOW, NOW.plusSeconds(9), null));
    }

    /** With thousands of rows a sort is what makes a page slow. */
    @ParameterizedTest
    @MethodSource("filters")
    void aPageIsReadFromAnIndexInItsOrder(CallFilter filter) throws Exception {
        List<CallTable.Stored> many = new ArrayList<>();
        for (int i = 1; i <= 2_000; i++) {
            Call each = submitted(i);
            many.add(new CallTable.Stored(i, Row.accepted(each, null).settled(success(each), NOW)));
        }
        try (var connection = ledger.database().connection();
                Statement statement = connection.createStatement()) {
            CallTable.insert(connection, many);
            connection.commit();
            statement.execute("ANALYZE");
            connection.commit();
        }

        for (String cursor : new String[] {null, NOW.plusSeconds(500).toEpochMilli() + "-500"}) {
            assertThat(plan(filter, cursor)).satisfies(this::isReadInOrder);
        }
    }

    /** What a planner has to be told so that few rows are like many to it. */
    void beforePlanning(Statement session) throws SQLException {}

    private String plan(CallFilter filter, @Nullable String cursor) throws Exception {
        CallSearch search = CallSearch.of(filter, 50, cursor);
        try (var connection = ledger.database().connection();
                var before = connection.createStatement();
                var explain = connection.prepareStatement("EXPLAIN " + search.sql())) {
            beforePlanning(before);
            search.fill(explain);
            try (ResultSet rows = explain.executeQuery()) {
                var plan = new StringBuilder();
                while (rows.next()) {
                    plan.append(rows.getString(1)).append('\n');
                }
                return plan.toString();
            }
        }
    }

    /** In this database's words. */
    void isReadInOrder(String plan) {
        assertThat(plan).contains("index sorted");
    }

    private static CallFilter ofQueue(String queue) {
        return new CallFilter(null, null, null, null, null, null, queue, null);
    }

    private static CallFilter text(String text) {
        return filter(null, null, null, null, null, text);
    }

    private static CallFilter filter(
            @Nullable String function,
            @Nullable String namespace,
            @Nullable CallState state,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable String text) {
        Query query = text == null ? null : Query.ofText(text);
        return new CallFilter(function, namespace, state, since, until, query, null, null);
    }

    private List<CallId> ids(CallFilter filter) {
        return ids(filter, 100);
    }

    private List<CallId> ids(CallFilter filter, int limit) {
        return ledger.calls(filter, limit, null).items().stream()
                .map(CallStatus::callId)
                .toList();
    }

    private static Call submitted(int second) {
        return Calls.submitted(CallId.random(), Calls.THUMBNAIL, NOW.plusSeconds(second));
    }
}
