package dev.caravan.config;

import java.util.List;
import java.util.Map;

/** What is logged, and in which form. */
public record LogSettings(Format format, Level level) {

    /** The form of a line. */
    public enum Format {
        /** For people. */
        CONSOLE,
        /** One JSON object a line. */
        JSON
    }

    /** The least severe line that is written. */
    public enum Level {
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    static final Setting<Format> FORMAT =
            Setting.choice("CARAVAN_LOG_FORMAT", Format.CONSOLE, Format.class, "`console` or `json`.");
    static final Setting<Level> LEVEL = Setting.choice(
            "CARAVAN_LOG_LEVEL",
            Level.INFO,
            Level.class,
            "Least severe line written: `debug`, `info`, `warn`, `error`.");

    static final List<Setting<?>> ALL = List.of(FORMAT, LEVEL);

    static LogSettings from(Map<String, String> environment) {
        return new LogSettings(FORMAT.in(environment), LEVEL.in(environment));
    }
}
