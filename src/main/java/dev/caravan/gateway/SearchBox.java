package dev.caravan.gateway;

import dev.caravan.queue.SearchText;
import dev.caravan.search.Field;
import dev.caravan.search.MalformedQueryException;
import dev.caravan.search.Query;
import dev.caravan.search.Subject;
import dev.caravan.search.Term;
import java.time.Instant;
import java.util.Optional;

/** The query parameter {@code q}: what somebody typed into the search box. */
final class SearchBox {

    private SearchBox() {}

    /** @throws HttpFailure 400 when it means nothing, or looks for what is nobody's business */
    static Optional<Query> query(String text, Subject subject, Instant now) {
        try {
            Optional<Query> query = Query.parse(text, subject, now);
            query.ifPresent(asked -> asked.terms().forEach(SearchBox::allowed));
            return query;
        } catch (MalformedQueryException e) {
            throw new HttpFailure(400, String.valueOf(e.getMessage()));
        }
    }

    /** A key could be guessed letter by letter. */
    private static void allowed(Term term) {
        if (term.field() == Field.HEADER && SearchText.isSecret(term.key())) {
            throw new HttpFailure(400, "q: the header " + term.key() + " is somebody's key and is not searched");
        }
    }
}
