package dev.caravan.gateway.auth;

import java.util.function.Function;

/** What {@link BasicAuth} says about the credentials of one request. */
public sealed interface Verdict {

    /** The credentials are right. */
    record Passed(Caller caller) implements Verdict {

        @Override
        public <T> T fold(Function<Caller, T> passed, Function<Refusal, T> refused) {
            return passed.apply(caller);
        }
    }

    /** They are not, or nobody looked. */
    record Refused(Refusal why) implements Verdict {

        @Override
        public <T> T fold(Function<Caller, T> passed, Function<Refusal, T> refused) {
            return refused.apply(why);
        }
    }

    /** Why somebody is not let in. */
    enum Refusal {
        /** Wrong or missing credentials. */
        WRONG,
        /** Too many wrong ones from this address, so that these may not even have been looked at. */
        TOO_MANY,
        /** Too many passwords are being checked right now; these were not looked at. */
        BUSY
    }

    /** The one of the two that applies. */
    <T> T fold(Function<Caller, T> passed, Function<Refusal, T> refused);
}
