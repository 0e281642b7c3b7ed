package dev.caravan.config;

import java.util.List;
import java.util.Map;

/**
 * Where callbacks may go, and how far calls may lead to further calls.
 *
 * @param allow {@code host} or {@code host:port} that {@code denyPrivate} does not hold for
 * @param chainDepth how many calls in a row may each come from the one before
 */
public record CallbackSettings(boolean denyPrivate, List<String> allow, int chainDepth) {

    static final Setting<Boolean> DENY_PRIVATE = Setting.flag(
            "CARAVAN_CALLBACK_DENY_PRIVATE",
            false,
            "Refuse callbacks to addresses that are not of the Internet at large: private, loopback, link-local and the like.");
    static final Setting<List<String>> ALLOW = Setting.list(
            "CARAVAN_CALLBACK_ALLOW",
            "",
            "Hosts, `name` or `name:port` as they stand in URLs, that callbacks may reach all the same; this gateway's own for chains.");
    static final Setting<Integer> CHAIN_DEPTH = Setting.number(
            "CARAVAN_CHAIN_DEPTH",
            16,
            1,
            999,
            "How many calls in a row may each come from the one before; the door answers the next with 508.");

    static final List<Setting<?>> ALL = List.of(DENY_PRIVATE, ALLOW, CHAIN_DEPTH);

    static CallbackSettings from(Map<String, String> environment) {
        return new CallbackSettings(DENY_PRIVATE.in(environment), ALLOW.in(environment), CHAIN_DEPTH.in(environment));
    }
}
