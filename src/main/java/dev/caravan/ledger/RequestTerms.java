package dev.caravan.ledger;

import dev.caravan.search.Comparison;
import dev.caravan.search.Field;
import dev.caravan.search.Term;

/** What is asked of a request that is kept, as a condition on its row {@code content (headers, body)}. */
final class RequestTerms {

    private RequestTerms() {}

    static Condition of(Term term) {
        if (term.field() == Field.HEADER) {
            return Condition.of(
                    "LOWER(caravan_header(content.headers, ?)) LIKE ? ESCAPE '!'",
                    term.key(),
                    Condition.inside(term.text()));
        }
        if (term.key().isEmpty()) {
            return Condition.of(
                    "LOWER(caravan_body_text(content.body)) LIKE ? ESCAPE '!'", Condition.inside(term.text()));
        }
        return term.comparison() == Comparison.EQUAL
                ? Condition.of("LOWER(caravan_body_at(content.body, ?)) = ?", term.key(), term.lowerCase())
                : Condition.of(
                        "caravan_body_number(content.body, ?) "
                                + term.comparison().sign() + " ?",
                        term.key(),
                        term.number());
    }
}
