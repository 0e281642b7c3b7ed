package dev.caravan.search;

/** What a {@link Term} is about. */
public enum Field {
    /** Words without a field: everything a list has of a text. */
    TEXT,
    FUNCTION,
    NAMESPACE,
    QUEUE,
    /** Where a call is now. */
    STATE,
    /** What a call died of. */
    REASON,
    /** A fingerprint. */
    GROUP,
    /** The last answer's status. */
    HTTP,
    ATTEMPTS,
    REPLAYS,
    /** What the id begins with. */
    CALL_ID,
    /** The error of an attempt. */
    ERROR,
    /** The error or the answer of an attempt, where a function's exception stands. */
    EXCEPTION,
    /** The request's header that is the term's key. */
    HEADER,
    /** The request's body; with a key, what stands at that path of it as JSON. */
    BODY,
    /** When a call was accepted, or a letter died: milliseconds since 1970 UTC. */
    TIME
}
