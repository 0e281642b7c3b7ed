package dev.caravan.gateway;

import dev.caravan.queue.SearchText;
import dev.caravan.search.Field;
import dev.caravan.search.MalformedQueryException;
import dev.caravan.search.Query;
import dev.caravan.search.Subject;
import dev.caravan.search.Term;
import java.time.Instant;
import java.util.Optional;

/**
 * The query parameter {@code q}: what somebody typed into the search box. Nobody finds what he does not see: it could be
 * guessed letter by letter.
 *
 * @param now what ages count from
 * @param sight what whoever asks sees, functions too
 */
record SearchBox(Instant now, Masks.Sight sight) {

    /** @throws HttpFailure 400 when it means nothing, or looks for what is nobody's business */
    Optional<Query> query(String text, Subject subject) {
        try {
            return Query.parse(text, subject, now)
                    .map(query -> new Query(
                            query.text(), query.terms().stream().map(this::seen).toList()));
        } catch (MalformedQueryException e) {
            throw new HttpFailure(400, String.valueOf(e.getMessage()));
        }
    }

    /** Words look through whole requests; for who sees only parts of them, through errors. */
    private Term seen(Term term) {
        if (term.field() == Field.HEADER && SearchText.isSecret(term.key())) {
            throw new HttpFailure(400, "q: the header " + term.key() + " is somebody's key and is not searched");
        }
        if (!sight.mayViewBodies() && looksIntoBodies(term.field())) {
            throw new HttpFailure(
                    400,
                    "q: you do not see bodies, so neither they nor answers are searched for you;"
                            + " say error:… to search in errors");
        }
        boolean hidden = term.field() == Field.HEADER && !sight.sees(term.key())
                || term.field() == Field.BODY && term.key().isEmpty() && !sight.seesBodies()
                || term.field() == Field.BODY && !term.key().isEmpty() && !sight.seesPath(term.key());
        if (hidden) {
            throw new HttpFailure(400, "q: what is masked is searched by none but who sees it");
        }
        boolean words = term.field() == Field.TEXT && !(sight.seesBodies() && sight.seesHeaders());
        return words ? new Term(Field.ERROR, "", term.comparison(), term.text(), 0) : term;
    }

    private static boolean looksIntoBodies(Field field) {
        return field == Field.BODY || field == Field.TEXT || field == Field.EXCEPTION;
    }
}
