package dev.caravan.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Whether calls start functions that have no replica, and how long they wait for one. */
public record ScalingSettings(boolean fromZero, Duration longestWait) {

    static final Setting<Boolean> FROM_ZERO = Setting.flag(
            "CARAVAN_SCALE_FROM_ZERO",
            true,
            "Whether a call starts a function that has no replica, and waits for one; otherwise it gets 503.");
    static final Setting<Duration> LONGEST_WAIT = Setting.duration(
            "CARAVAN_SCALE_FROM_ZERO_WAIT",
            "100s",
            "How long a call waits for a replica, besides `CARAVAN_CALL_TIMEOUT` for the call itself; never longer than that.");

    static final List<Setting<?>> ALL = List.of(FROM_ZERO, LONGEST_WAIT);

    static ScalingSettings from(Map<String, String> environment) {
        return new ScalingSettings(FROM_ZERO.in(environment), LONGEST_WAIT.in(environment));
    }
}
