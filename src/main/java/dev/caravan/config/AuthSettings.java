package dev.caravan.config;

import java.util.List;
import java.util.Map;

/** Who may use {@code /system} and the console. */
public record AuthSettings(Mode mode) {

    /** How callers prove who they are. */
    public enum Mode {
        /** HTTP Basic (RFC 7617) against the secrets folder. */
        BASIC,
        /** Nobody is asked; only allowed on loopback. */
        NONE
    }

    static final Setting<Mode> AUTH = Setting.choice(
            "CARAVAN_AUTH",
            Mode.BASIC,
            Mode.class,
            "`basic`, or `none`, which is refused unless the host is loopback.");

    static final List<Setting<?>> ALL = List.of(AUTH);

    static AuthSettings from(Map<String, String> environment, GatewaySettings gateway) {
        Mode mode = AUTH.in(environment);
        if (mode == Mode.NONE && !gateway.loopback()) {
            throw new SettingsException("CARAVAN_AUTH=none is refused while CARAVAN_HOST=" + gateway.host()
                    + " can be reached from elsewhere; use 127.0.0.1 or CARAVAN_AUTH=basic");
        }
        return new AuthSettings(mode);
    }
}
