package dev.caravan.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody types, and what is understood. */
class QueryTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    @Test
    void wordsNextToOneAnotherAreOneTextAsItStands() {
        assertThat(letters("  order  17, failed ")).containsExactly(Term.of(Field.TEXT, "order  17, failed"));
        assertThat(letters("order fn:pay 17"))
                .containsExactly(
                        Term.of(Field.TEXT, "order"), Term.of(Field.FUNCTION, "pay"), Term.of(Field.TEXT, "17"));
        assertThat(letters("order \"17\"")).containsExactly(Term.of(Field.TEXT, "order"), Term.of(Field.TEXT, "17"));
    }

    @Test
    void whatHasASpaceBehindItsColonOrStandsInQuotesIsText() {
        assertThat(letters("TypeError: it is null at 12:30"))
                .containsExactly(Term.of(Field.TEXT, "TypeError: it is null at 12:30"));
        assertThat(letters("\"fn:pay\" error:\"say \\\"no\\\" \\\\ \""))
                .containsExactly(Term.of(Field.TEXT, "fn:pay"), Term.of(Field.ERROR, "say \"no\" \\ "));
    }

    @Test
    void nothingIsAskedByNothing() {
        assertThat(Query.parse(" \t ", Subject.CALLS, NOW)).isEmpty();
    }

    @Test
    void theNameOfAFieldIsInAnyCaseAndItsKeyIsNot() {
        assertThat(letters("CALLID:ab Body.Order.Id:17 header.X-Tenant:Acme"))
                .containsExactly(
                        Term.of(Field.CALL_ID, "ab"),
                        new Term(Field.BODY, "Order.Id", Comparison.EQUAL, "17", 0),
                        new Term(Field.HEADER, "x-tenant", Comparison.EQUAL, "Acme", 0));
    }

    @Test
    void aFunctionMayBringItsNamespace() {
        assertThat(letters("fn:pay.team-a"))
                .containsExactly(Term.of(Field.FUNCTION, "pay"), Term.of(Field.NAMESPACE, "team-a"));
    }

    @Test
    void numbersAreCompared() {
        assertThat(letters("attempts:>3 replays:<=1 http:500 body.total:>=1.5"))
                .containsExactly(
                        Term.of(Field.ATTEMPTS, Comparison.MORE, 3),
                        Term.of(Field.REPLAYS, Comparison.AT_MOST, 1),
                        Term.of(Field.HTTP, Comparison.EQUAL, 500),
                        new Term(Field.BODY, "total", Comparison.AT_LEAST, "", 1.5));
        assertThat(letters("http:5xx"))
                .containsExactly(
                        Term.of(Field.HTTP, Comparison.AT_LEAST, 500), Term.of(Field.HTTP, Comparison.LESS, 600));
    }

    @Test
    void agesCountFromNow() {
        long twoHoursAgo = NOW.minus(Duration.ofHours(2)).toEpochMilli();
        assertThat(letters("age:<2h")).containsExactly(Term.of(Field.TIME, Comparison.MORE, twoHoursAgo));
        assertThat(letters("age:2h")).containsExactly(Term.of(Field.TIME, Comparison.MORE, twoHoursAgo));
        assertThat(letters("age:>=120m")).containsExactly(Term.of(Field.TIME, Comparison.AT_MOST, twoHoursAgo));
        assertThat(letters("since:2h")).containsExactly(Term.of(Field.TIME, Comparison.AT_LEAST, twoHoursAgo));
        assertThat(letters("until:2026-03-01 since:2026-03-01T09:00:00+01:00"))
                .containsExactly(
                        Term.of(
                                Field.TIME,
                                Comparison.LESS,
                                Instant.parse("2026-03-01T00:00:00Z").toEpochMilli()),
                        Term.of(
                                Field.TIME,
                                Comparison.AT_LEAST,
                                NOW.minus(Duration.ofHours(2)).toEpochMilli()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "fn:pay fucntion:x | q, character 8: there is no field \"fucntion\"; there are group, fn,",
                "http://example.org | q, character 1: http is a status as 500, 5xx or >=500, not \"//example.org\"",
                "a http:5x | q, character 3: http is a status",
                "attempts:many | q, character 1: attempts is a number",
                "age:=2h | q, character 1: age is as <2h or >7d",
                "age:2y | q, character 1: age is as <2h or >7d",
                "since:yesterday | q, character 1: since is how long ago",
                "reason:bad | q, character 1: reason is one of attempts-exhausted, rejected,",
                "status:dead | q, character 1: status is of calls",
                "header:x | q, character 1: say which header",
                "body.a..b:x | q, character 1: a path in a body",
                "body.total:>many | q, character 1: body.total is compared with a number",
                "body.total:>NaN | q, character 1: body.total is compared with a number",
                "error:\"no end | q, character 7: these quotes are not closed",
                "a \"\" | q, character 3: there is nothing between these quotes",
            })
    void whatMeansNothingIsSaidWithItsPlace(String query, String message) {
        assertThatThrownBy(() -> letters(query))
                .isInstanceOf(MalformedQueryException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void aStateIsOneThatThereIs() {
        assertThat(Query.parse("status:dead", Subject.CALLS, NOW).orElseThrow().terms())
                .containsExactly(Term.of(Field.STATE, "dead"));
        assertThatThrownBy(() -> Query.parse("status:gone", Subject.CALLS, NOW))
                .hasMessage("q, character 1: status is one of scheduled, queued, running, retrying, succeeded, dead,"
                        + " cancelled, not \"gone\"");
        assertThatThrownBy(() -> Query.parse("group:ab", Subject.CALLS, NOW))
                .hasMessage("q, character 1: group is of dead letters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\\", "fn:\"", ":", "a:", "body.:x", "header.:x", "::", "fn::", "\u0000", "body.0:>1"})
    void whateverIsTypedIsUnderstoodOrRefused(String query) {
        try {
            assertThat(letters(query)).isNotEmpty();
        } catch (MalformedQueryException e) {
            assertThat(e).hasMessageStartingWith("q, character ");
        }
    }

    @Test
    void aQueryIsNoNovel() {
        assertThatThrownBy(() -> letters("x".repeat(501))).hasMessageContaining("at most 500 characters");
    }

    private static List<Term> letters(String query) {
        return Query.parse(query, Subject.DEAD_LETTERS, NOW).orElseThrow().terms();
    }
}
