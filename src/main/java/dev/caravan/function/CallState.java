package dev.caravan.function;

import java.util.Locale;

/** Where an asynchronous call is: the same words in code, headers, metrics, API, console and docs. */
public enum CallState {
    /** Accepted with a delay that has not passed. */
    SCHEDULED,
    /** Waits in its queue. */
    QUEUED,
    /** A worker has it. */
    RUNNING,
    /** Failed and waits for its next attempt. */
    RETRYING,
    /** The function answered 200–399. */
    SUCCEEDED,
    /** Will not be tried again; its {@link DeadReason} says why and its dead letter holds it. */
    DEAD,
    /** Taken back before it finished. */
    CANCELLED;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** Whether this call (in this generation) is over. */
    public boolean terminal() {
        return this == SUCCEEDED || this == DEAD || this == CANCELLED;
    }

    /** The wire form, e.g. {@code queued}. */
    public String word() {
        return word;
    }

    /** @throws IllegalArgumentException when it is no state's word */
    public static CallState ofWord(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
