package dev.caravan.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Who may use {@code /system} and the console, and call functions.
 *
 * @param functions for functions whose annotation {@code dev.caravan.auth} says nothing
 * @param sessionIdle how long a browser stays signed in that asks for nothing
 * @param sessionTime how long one stays signed in at most
 */
public record AuthSettings(Mode mode, Mode functions, Duration sessionIdle, Duration sessionTime) {

    /** How callers prove who they are. */
    public enum Mode {
        /** HTTP Basic (RFC 7617) against the secrets folder. */
        BASIC,
        /** Nobody is asked; for all of Caravan only allowed on loopback. */
        NONE
    }

    static final Setting<Mode> AUTH = Setting.choice(
            "CARAVAN_AUTH",
            Mode.BASIC,
            Mode.class,
            "`basic`, or `none`, which is refused unless the host is loopback.");

    static final Setting<Mode> FUNCTION_AUTH = Setting.choice(
            "CARAVAN_FUNCTION_AUTH",
            Mode.NONE,
            Mode.class,
            "`basic`: calling a function needs a user, unless its annotation `dev.caravan.auth` says `none`; `none`: the other way round.");

    static final Setting<Duration> SESSION_IDLE = Setting.duration(
            "CARAVAN_SESSION_IDLE",
            "1h",
            "Who is signed in to the console is signed out when no page of it was open for so long.");

    static final Setting<Duration> SESSION_TIME = Setting.duration(
            "CARAVAN_SESSION_TIME",
            "12h",
            "Who is signed in to the console signs in again after so long at the latest.");

    static final List<Setting<?>> ALL = List.of(AUTH, FUNCTION_AUTH, SESSION_IDLE, SESSION_TIME);

    static AuthSettings from(Map<String, String> environment, GatewaySettings gateway) {
        Mode mode = AUTH.in(environment);
        if (mode == Mode.NONE && !gateway.loopback()) {
            throw new SettingsException("CARAVAN_AUTH=none is refused while CARAVAN_HOST=" + gateway.host()
                    + " can be reached from elsewhere; use 127.0.0.1 or CARAVAN_AUTH=basic");
        }
        Mode functions = FUNCTION_AUTH.in(environment);
        if (mode == Mode.NONE && functions == Mode.BASIC) {
            throw new SettingsException("CARAVAN_FUNCTION_AUTH=basic needs CARAVAN_AUTH=basic, which is none");
        }
        return new AuthSettings(mode, functions, SESSION_IDLE.in(environment), SESSION_TIME.in(environment));
    }
}
