package dev.caravan.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What holds for asynchronous calls unless a function's annotations or a call's headers say otherwise. */
public record AsyncSettings(Duration timeout, Duration maxAge, boolean acceptUnknown) {

    static final Setting<Duration> TIMEOUT =
            Setting.duration("CARAVAN_ASYNC_TIMEOUT", "5m", "How long one attempt of an asynchronous call may run.");
    static final Setting<Duration> MAX_AGE = Setting.duration(
            "CARAVAN_MAX_AGE",
            "24h",
            "An asynchronous call not finished by then is dead (`expired`), unless its `X-Max-Age` or its function's `dev.caravan.max-age` says otherwise.");
    static final Setting<Boolean> ACCEPT_UNKNOWN = Setting.flag(
            "CARAVAN_ACCEPT_UNKNOWN",
            false,
            "Queue calls for functions that are not (yet) there, instead of answering 404.");

    static final List<Setting<?>> ALL = List.of(TIMEOUT, MAX_AGE, ACCEPT_UNKNOWN);

    static AsyncSettings from(Map<String, String> environment) {
        return new AsyncSettings(TIMEOUT.in(environment), MAX_AGE.in(environment), ACCEPT_UNKNOWN.in(environment));
    }
}
