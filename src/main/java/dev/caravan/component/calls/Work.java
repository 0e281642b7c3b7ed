package dev.caravan.component.calls;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallState;
import dev.caravan.queue.CallMessage;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * One taken message on its way through the routes, kept on the exchange while its body and headers change.
 *
 * @param message as it was taken
 * @param call the call as this attempt counts it; its history grows by the attempt once that is judged
 * @param verdict what follows; null until it is judged
 */
record Work(
        CallMessage message,
        Call call,
        Instant startedAt,
        @Nullable Verdict verdict) {

    private static final String PROPERTY = "CaravanWork";

    /** Exchange properties, not headers: headers would go on with the next message. */
    private static final String STATE = "CaravanState";

    private static final String CALLBACK = "CaravanCallback";

    /** @throws IllegalStateException when the route did not take a call first */
    static Work of(Exchange exchange) {
        Work work = exchange.getProperty(PROPERTY, Work.class);
        if (work == null) {
            throw new IllegalStateException("this step needs takeCall or takeCallback before it in the route");
        }
        return work;
    }

    /** @throws IllegalStateException when the route did not judge it first */
    Verdict judged() {
        if (verdict == null) {
            throw new IllegalStateException("this step needs the call to be judged before it in the route");
        }
        return verdict;
    }

    Work judgedAs(Verdict decided) {
        return new Work(message, call.with(decided.attempt()), startedAt, decided);
    }

    /** Nothing was tried, so its history stays what it was. */
    Work putOff(Duration delay) {
        var untried = new Attempt(call.attempt(), startedAt, Duration.ZERO, 0, null, null);
        return new Work(message, call, startedAt, new Verdict.PutOff(untried, delay));
    }

    /** Puts this on the exchange, and where routes can see them: the state, and whether a callback is due. */
    void to(Exchange exchange, String state) {
        boolean over = verdict != null && (verdict.state() == CallState.SUCCEEDED || verdict.state() == CallState.DEAD);
        boolean callback = call.callbackUrl() != null && !call.queue().equals(QueueNames.CALLBACK_QUEUE);
        exchange.setProperty(PROPERTY, this);
        exchange.setProperty(STATE, state);
        exchange.setProperty(CALLBACK, over && callback ? "due" : "none");
    }

    /** The last attempt, for whoever is told about it. */
    Attempt lastAttempt() {
        return judged().attempt();
    }
}
