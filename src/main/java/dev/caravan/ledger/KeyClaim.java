package dev.caravan.ledger;

import dev.caravan.function.CallId;
import java.util.function.Function;
import java.util.function.Supplier;

/** What somebody who comes with an idempotency key is to do. */
public sealed interface KeyClaim {

    /** Reads whichever it is. */
    <T> T fold(Function<KeyLease, T> ours, Function<CallId, T> replayed, Supplier<T> mismatch, Supplier<T> busy);

    /** Send the call, under the id that the lease names; the key is on disk. */
    record Ours(KeyLease lease) implements KeyClaim {
        @Override
        public <T> T fold(
                Function<KeyLease, T> ours, Function<CallId, T> replayed, Supplier<T> mismatch, Supplier<T> busy) {
            return ours.apply(lease);
        }
    }

    /** Send nothing: this request was accepted before, as that call. */
    record Replayed(CallId id) implements KeyClaim {
        @Override
        public <T> T fold(
                Function<KeyLease, T> ours, Function<CallId, T> replayed, Supplier<T> mismatch, Supplier<T> busy) {
            return replayed.apply(id);
        }
    }

    /** The key stands for another request. */
    record Mismatch() implements KeyClaim {
        @Override
        public <T> T fold(
                Function<KeyLease, T> ours, Function<CallId, T> replayed, Supplier<T> mismatch, Supplier<T> busy) {
            return mismatch.get();
        }
    }

    /** The same request is just being accepted, for longer than one would wait. */
    record Busy() implements KeyClaim {
        @Override
        public <T> T fold(
                Function<KeyLease, T> ours, Function<CallId, T> replayed, Supplier<T> mismatch, Supplier<T> busy) {
            return busy.get();
        }
    }
}
