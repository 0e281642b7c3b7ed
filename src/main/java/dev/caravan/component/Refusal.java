package dev.caravan.component;

/** An exception that says a request was not taken. */
public interface Refusal {

    /** Whether the same request may well be taken a little later. */
    boolean forNow();
}
