package dev.caravan.function;

import java.util.Locale;

/** Why a call is dead. Codes are never renamed: they stand on dead letters on disk. */
public enum DeadReason {
    /** Every attempt failed. */
    ATTEMPTS_EXHAUSTED,
    /** The function (or a callback's receiver) gave an answer that another attempt would not change. */
    REJECTED,
    /** Not finished before its deadline. */
    EXPIRED,
    /** Nothing is deployed under that name. */
    UNKNOWN_FUNCTION,
    /** The message on the queue is not a call. */
    MALFORMED,
    /** Caravan itself failed, e.g. an edited route threw. */
    PLATFORM_ERROR;

    /** The wire form, e.g. {@code attempts-exhausted}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException when it is no reason's code */
    public static DeadReason ofCode(String code) {
        return valueOf(code.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
