package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.search.Term;

/** What is asked of calls, as conditions on the table {@code async_call c}. */
final class CallTerms {

    private static final String ATTEMPT = "EXISTS (SELECT 1 FROM attempt a WHERE a.call_no = c.call_no AND ";
    private static final String ID = "COALESCE(call_text, CAST(call_id AS CHARACTER VARYING))";

    private CallTerms() {}

    static Condition of(Term term) {
        return switch (term.field()) {
            case TEXT -> text(term.text());
            case FUNCTION -> Condition.of("function = ?", term.text());
            case STATE -> Condition.of("state = ?", term.text());
            case NAMESPACE -> Condition.of("namespace = ?", term.text());
            case QUEUE -> Condition.of("queue = ?", term.text());
            case REASON -> Condition.of("reason = ?", term.text());
            case HTTP -> LetterTerms.number("status_code", term);
            case ATTEMPTS -> LetterTerms.number("begun", term);
            case REPLAYS -> LetterTerms.number("replays", term);
            case TIME -> LetterTerms.number("submitted_at", term);
            case CALL_ID ->
                CallKeys.isUuid(term.text())
                        ? Condition.of("call_id = ?", CallKeys.key(new CallId(term.text())))
                        : Condition.of("LOWER(" + ID + ") LIKE ? ESCAPE '!'", Condition.beginning(term.text()));
            case ERROR -> Condition.of(ATTEMPT + "LOWER(a.error) LIKE ? ESCAPE '!')", Condition.inside(term.text()));
            case EXCEPTION -> attempt(Condition.inside(term.text()));
            case HEADER, BODY -> request(term);
            case GROUP -> throw new IllegalArgumentException("a call is of no group");
        };
    }

    /** Kept with a dead letter, or with a result. */
    private static Condition request(Term term) {
        Condition letter = RequestTerms.ofLetter(term)
                .within(
                        "EXISTS (SELECT 1 FROM dead_letter_content content WHERE content.id = " + ID
                                + " || '.' || CAST(c.generation AS CHARACTER VARYING) AND ",
                        ")");
        Condition result = RequestTerms.ofResult(term)
                .within("EXISTS (SELECT 1 FROM result content WHERE content.call_no = c.call_no AND ", ")");
        return letter.or(result);
    }

    private static Condition text(String text) {
        return Condition.of("LOWER(" + ID + ") LIKE ? ESCAPE '!'", Condition.beginning(text))
                .or(attempt(Condition.inside(text)));
    }

    /** In the last answer, or an error or answer of an attempt that failed. */
    private static Condition attempt(String inside) {
        return Condition.of(
                "(LOWER(excerpt) LIKE ? ESCAPE '!' OR " + ATTEMPT
                        + "(LOWER(a.error) LIKE ? ESCAPE '!' OR LOWER(a.excerpt) LIKE ? ESCAPE '!')))",
                inside,
                inside,
                inside);
    }
}
