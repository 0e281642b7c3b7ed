package dev.caravan.ledger;

import java.util.function.IntFunction;
import java.util.function.Supplier;

/** What a worker does with a message it has just taken. */
public sealed interface Position {

    /** Reads whichever it is. */
    <T> T fold(IntFunction<T> run, Supplier<T> duplicate);

    /**
     * Run it.
     *
     * @param attempt which attempt to count it as; more than the message says when an earlier run of it never ended
     */
    record Run(int attempt) implements Position {
        @Override
        public <T> T fold(IntFunction<T> run, Supplier<T> duplicate) {
            return run.apply(attempt);
        }
    }

    /** This (generation, attempt) is settled, and durably so: acknowledge the message and forget it. */
    record Duplicate() implements Position {
        @Override
        public <T> T fold(IntFunction<T> run, Supplier<T> duplicate) {
            return duplicate.get();
        }
    }
}
