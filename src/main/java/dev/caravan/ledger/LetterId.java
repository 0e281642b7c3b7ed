package dev.caravan.ledger;

import dev.caravan.function.CallId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A dead letter's id in its parts. */
record LetterId(CallId callId, int generation, boolean ofCallback) {

    private static final String CALLBACK = ".callback";
    private static final Pattern FORM =
            Pattern.compile("([A-Za-z0-9_-]{8,64})\\.([1-9][0-9]{0,8})(" + Pattern.quote(CALLBACK) + ")?");

    static Optional<LetterId> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(new LetterId(
                        new CallId(matcher.group(1)), Integer.parseInt(matcher.group(2)), matcher.group(3) != null))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return callId + "." + generation + (ofCallback ? CALLBACK : "");
    }
}
