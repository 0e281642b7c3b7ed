package dev.caravan.ledger;

import dev.caravan.search.Comparison;
import dev.caravan.search.Field;
import dev.caravan.search.Term;

/** What is asked of a request that is kept, as a condition on its row, {@code content}. */
final class RequestTerms {

    private RequestTerms() {}

    /** In {@code dead_letter_content content}. */
    static Condition ofLetter(Term term) {
        return of(term, "content.headers", "content.body");
    }

    /** In {@code result content}. */
    static Condition ofResult(Term term) {
        return of(term, "content.request_headers", "content.request_body");
    }

    private static Condition of(Term term, String headers, String body) {
        if (term.field() == Field.HEADER) {
            return Condition.of(
                    "LOWER(caravan_header(" + headers + ", ?)) LIKE ? ESCAPE '!'",
                    term.key(),
                    Condition.inside(term.text()));
        }
        if (term.key().isEmpty()) {
            return Condition.of(
                    "LOWER(caravan_body_text(" + body + ")) LIKE ? ESCAPE '!'", Condition.inside(term.text()));
        }
        return term.comparison() == Comparison.EQUAL
                ? Condition.of("LOWER(caravan_body_at(" + body + ", ?)) = ?", term.key(), term.lowerCase())
                : Condition.of(
                        "caravan_body_number(" + body + ", ?) "
                                + term.comparison().sign() + " ?",
                        term.key(),
                        term.number());
    }
}
