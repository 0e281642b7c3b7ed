package dev.caravan.ledger;

import dev.caravan.search.Comparison;
import dev.caravan.search.Term;

/** What is asked of dead letters, as conditions on the table {@code dead_letter}. */
final class LetterTerms {

    private static final String IN_CONTENT =
            "EXISTS (SELECT 1 FROM dead_letter_content content WHERE content.id = dead_letter.id AND ";

    private LetterTerms() {}

    static Condition of(Term term) {
        return switch (term.field()) {
            case TEXT ->
                Condition.of("content.search_text LIKE ? ESCAPE '!'", Condition.inside(term.text()))
                        .within(IN_CONTENT, ")");
            case FUNCTION -> Condition.of("function = ?", term.text());
            case NAMESPACE -> Condition.of("namespace = ?", term.text());
            case QUEUE -> Condition.of("queue = ?", term.text());
            case REASON -> Condition.of("reason = ?", term.text());
            case GROUP -> Condition.of("fingerprint = ?", term.text());
            case HTTP -> number("status_code", term);
            case ATTEMPTS -> number("attempts", term);
            case REPLAYS -> number("replays", term);
            case TIME -> number("dead_at", term);
            case CALL_ID ->
                CallKeys.isUuid(term.text())
                        ? Condition.of("call_text = ?", term.text())
                        : Condition.of("LOWER(call_text) LIKE ? ESCAPE '!'", Condition.beginning(term.text()));
            case ERROR -> Condition.of("LOWER(error) LIKE ? ESCAPE '!'", Condition.inside(term.text()));
            case EXCEPTION -> exception(Condition.inside(term.text()));
            case HEADER, BODY -> RequestTerms.ofLetter(term).within(IN_CONTENT, ")");
            case STATE -> throw new IllegalArgumentException("a dead letter has no state");
        };
    }

    private static Condition exception(String inside) {
        return Condition.of(
                "(LOWER(error) LIKE ? ESCAPE '!' OR " + IN_CONTENT
                        + "LOWER(caravan_answers(content.history)) LIKE ? ESCAPE '!'))",
                inside,
                inside);
    }

    /** The column whose index has what is asked in the order of lists; empty when there is none. */
    static String leading(Term term) {
        return switch (term.field()) {
            case FUNCTION -> "function";
            case QUEUE -> "queue";
            case REASON -> "reason";
            case GROUP -> "fingerprint";
            case HTTP -> term.comparison() == Comparison.EQUAL ? "status_code" : "";
            case TEXT, NAMESPACE, ATTEMPTS, REPLAYS, TIME, CALL_ID, ERROR, EXCEPTION, HEADER, BODY, STATE -> "";
        };
    }

    static Condition number(String column, Term term) {
        return Condition.of(column + " " + term.comparison().sign() + " ?", term.whole());
    }
}
