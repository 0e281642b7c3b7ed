package dev.caravan.ledger;

/** A search that looks at rows one by one did not come to its end in time. The message is one line for who asked. */
public final class SearchTooLongException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SearchTooLongException(Throwable cause) {
        super(
                "the search has not come to its end after " + Database.SEARCH_ENDS.toSeconds()
                        + " s: narrow it down with fn:, since: or another field that has an index",
                cause);
    }
}
