package dev.caravan.search;

/** Where is looked. */
public enum Subject {
    CALLS,
    DEAD_LETTERS
}
