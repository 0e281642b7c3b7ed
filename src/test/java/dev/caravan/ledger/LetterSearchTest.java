package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.search.Query;
import dev.caravan.search.Subject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters and dead calls by what somebody typed. */
@Timeout(60)
class LetterSearchTest {

    private static final String HEADERS =
            "{\"CaravanHeaders\":\"{\\\"X-Tenant\\\":[\\\"Acme\\\",\\\"other\\\"],\\\"X-B\\\":[\\\"b\\\"]}\"}";
    private static final String HISTORY =
            "[{\"attempt\":1,\"error\":\"answered 500\",\"responseExcerpt\":\"java.lang.NullPointerException: at\"}]";

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
    void eachFieldFindsWhatItNames() {
        String paid = bury("pay", 500, "it broke", 3, NOW, "{\"order\":{\"id\":17,\"total\":9.5,\"tags\":[\"Red\"]}}");
        String text = bury("mail", 404, null, 1, NOW.minusSeconds(7_200), "plain order.id 17");

        assertThat(find("fn:pay")).containsExactly(paid);
        assertThat(find("fn:pay.openfaas-fn ns:openfaas-fn queue:faas-request")).containsExactly(paid);
        assertThat(find("fn:pay fn:mail")).isEmpty();
        assertThat(find("http:500")).containsExactly(paid);
        assertThat(find("http:4xx")).containsExactly(text);
        assertThat(find("http:>=404")).containsExactly(paid, text);
        assertThat(find("reason:rejected")).containsExactly(paid, text);
        assertThat(find("reason:expired")).isEmpty();
        assertThat(find("attempts:>1")).containsExactly(paid);
        assertThat(find("replays:>0")).isEmpty();
        assertThat(find("error:BROKE")).containsExactly(paid);
        assertThat(find("exc:nullpointerexception http:500")).containsExactly(paid);
        assertThat(find("exc:responseExcerpt")).isEmpty();
        assertThat(find("age:<1h")).containsExactly(paid);
        assertThat(find("age:>1h")).containsExactly(text);
        assertThat(find("since:3h until:1h")).containsExactly(text);
        assertThat(find("callId:" + paid.substring(0, 36))).containsExactly(paid);
        assertThat(find("callid:" + paid.substring(0, 30).toUpperCase(Locale.ROOT)))
                .containsExactly(paid);
        assertThat(find("group:" + ledger.deadLetter(text).orElseThrow().fingerprint()))
                .containsExactly(text);
    }

    @Test
    void headersAndBodiesAreLookedIntoAndNotOnlyAtTheirText() {
        String json = bury(
                "pay", 500, null, 1, NOW, "{\"order\":{\"id\":17,\"total\":9.5,\"paid\":true,\"tags\":[\"Red\"]}}");
        String text = bury("pay", 500, null, 1, NOW.minusSeconds(1), "x-tenant: acme\norder.id 17 null");
        String bytes = bury("pay", 500, null, 1, NOW.minusSeconds(2), new byte[] {(byte) 0xff, 0, 17});

        assertThat(find("header.x-tenant:acme")).containsExactly(json, text, bytes);
        assertThat(find("header.X-Tenant:OTHER")).hasSize(3);
        assertThat(find("header.x-b:acme")).isEmpty();
        assertThat(find("body:x-tenant")).containsExactly(text);
        assertThat(find("body:\"ORDER.id 17\"")).containsExactly(text);
        assertThat(find("body.order.id:17")).containsExactly(json);
        assertThat(find("body.order.id:1")).isEmpty();
        assertThat(find("body.order.tags.0:red")).containsExactly(json);
        assertThat(find("body.order.tags.1:red")).isEmpty();
        assertThat(find("body.order.paid:true")).containsExactly(json);
        assertThat(find("body.order.total:>9")).containsExactly(json);
        assertThat(find("body.order.total:>9.5")).isEmpty();
        assertThat(find("body.order.tags:>1")).isEmpty();
        assertThat(find("body.order:x")).isEmpty();
        assertThat(find("body.order.id:\"' OR 1 = 1 --\"")).isEmpty();
    }

    @Test
    void whatIsFoundIsCountedGroupedAndDeletedByTheSameWords() {
        bury("pay", 500, null, 1, NOW, "{\"id\":1}");
        String other = bury("pay", 500, null, 1, NOW, "{\"id\":2}");
        DeadLetterFilter first = filter("body.id:1");

        assertThat(ledger.letters().count(first)).isEqualTo(1);
        assertThat(ledger.letters().groups(first, NOW)).singleElement().matches(group -> group.count() == 1);
        assertThat(ledger.letters().deaths(first, 10).counts()).containsExactly(1L);
        assertThat(ledger.letters().batch(first, 10, null)).hasSize(1);
        assertThat(ledger.letters().delete(first, NOW)).isEqualTo(1);
        assertThat(find("fn:pay")).containsExactly(other);
    }

    @Test
    void aDeadCallIsFoundByItsLettersRequest() {
        DeadLetter letter = letter("pay", 500, "it broke", 1, NOW, "{\"order\":17}".getBytes(StandardCharsets.UTF_8));
        var call = Calls.call(letter.callId(), letter.function(), 1, 1);
        ledger.settle(Settlement.dead(call, Calls.attempt(call, 500), letter));
        ledger.settle(Calls.success(Calls.call()));

        for (String query : List.of(
                "body.order:17",
                "header.x-tenant:acme",
                "body:17",
                "status:dead",
                "fn:pay status:dead",
                "fn:pay",
                "http:5xx",
                "attempts:>=1 fn:pay",
                "error:broke",
                "exc:\"AN EXCERPT\" http:500",
                "reason:rejected",
                "callId:" + call.id(),
                "callid:" + call.id().text().substring(0, 35),
                "fn:pay age:<1h ns:openfaas-fn")) {
            Query typed = Query.parse(query, Subject.CALLS, NOW.plusSeconds(1)).orElseThrow();
            CallFilter filter = new CallFilter(null, null, null, null, null, typed, null, null);
            assertThat(ledger.calls(filter, 10, null).items())
                    .as(query)
                    .extracting(CallStatus::callId)
                    .containsExactly(call.id());
        }
    }

    /** Without an index this would be a matter of minutes where letters are many. */
    @Test
    void aCallIdIsFoundByAnIndex() throws Exception {
        var where = new DeadLetterWhere(filter("callId:" + CallId.random()));
        try (var connection = ledger.database().connection();
                var session = connection.createStatement();
                var explain = connection.prepareStatement("EXPLAIN SELECT id FROM dead_letter" + where.sql())) {
            beforePlanning(session);
            where.fill(explain, 1);
            try (ResultSet rows = explain.executeQuery()) {
                var plan = new StringBuilder();
                while (rows.next()) {
                    plan.append(rows.getString(1).toLowerCase(Locale.ROOT));
                }
                assertThat(plan).contains("dead_letter_by_call");
            }
        }
    }

    /** What a planner has to be told so that no row is like many to it. */
    void beforePlanning(Statement session) throws SQLException {}

    private List<String> find(String query) {
        return ledger.deadLetters(filter(query), 10, null).items().stream()
                .map(DeadLetter::id)
                .toList();
    }

    private static DeadLetterFilter filter(String query) {
        Query typed =
                Query.parse(query, Subject.DEAD_LETTERS, NOW.plusSeconds(1)).orElseThrow();
        return new DeadLetterFilter(null, null, null, null, null, null, null, null, typed);
    }

    private String bury(String function, int status, @Nullable String error, int attempts, Instant at, String body) {
        return bury(function, status, error, attempts, at, body.getBytes(StandardCharsets.UTF_8));
    }

    private String bury(String function, int status, @Nullable String error, int attempts, Instant at, byte[] body) {
        DeadLetter letter = letter(function, status, error, attempts, at, body);
        ledger.bury(letter);
        return letter.id();
    }

    private static DeadLetter letter(
            String function, int status, @Nullable String error, int attempts, Instant at, byte[] body) {
        CallId id = CallId.random();
        var name = new FunctionName(function, "openfaas-fn");
        return new DeadLetter(
                DeadLetter.idOf(id, 1),
                id,
                1,
                "faas-request",
                "DLQ.faas-request.openfaas-fn." + function,
                name,
                DeadReason.REJECTED,
                status,
                error,
                Fingerprint.of(name, DeadReason.REJECTED, status, error),
                attempts,
                at,
                at,
                body.length,
                "application/json",
                0,
                "ID:1",
                new DeadLetterContent(HEADERS, HISTORY, ByteBuffer.wrap(body), null, "text"));
    }
}
