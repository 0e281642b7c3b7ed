package dev.caravan.search;

/** A query that means nothing. The message is one line for who typed it: what, and at which character. */
public final class MalformedQueryException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** @param at counted from 0 */
    MalformedQueryException(int at, String message) {
        super("q, character " + (at + 1) + ": " + message);
    }
}
