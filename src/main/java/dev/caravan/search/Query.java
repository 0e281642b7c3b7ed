package dev.caravan.search;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What somebody typed to find calls or dead letters, understood: all terms must be true. The grammar stands in
 * {@link QueryReader}.
 *
 * @param text as it was typed
 */
public record Query(String text, List<Term> terms) {

    /** In characters. */
    public static final int LONGEST = 500;

    public Query {
        terms = List.copyOf(terms);
    }

    /**
     * Understands a line; empty when it asks for nothing.
     *
     * @param now what ages count from
     * @throws MalformedQueryException when it means nothing
     */
    public static Optional<Query> parse(String text, Subject subject, Instant now) {
        if (text.length() > LONGEST) {
            throw new MalformedQueryException(LONGEST, "a query has at most " + LONGEST + " characters");
        }
        List<Term> terms = new QueryReader(text, new Values(subject, now)).terms();
        return terms.isEmpty() ? Optional.empty() : Optional.of(new Query(text.strip(), terms));
    }

    /** One that looks for a text as it stands. */
    public static Query ofText(String text) {
        return new Query(text, List.of(Term.of(Field.TEXT, text)));
    }
}
