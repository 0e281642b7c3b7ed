package dev.caravan.watchdog;

import java.util.Locale;

/** How a watchdog answers its requests (contract section 6). */
enum Mode {
    /** A process for each request, as OpenFaaS's first watchdog does it. */
    CLASSIC,
    /** A process for each request, whose output is passed on as it comes. */
    STREAMING,
    /** A process for each request, whose output is passed on once it has ended well. */
    SERIALIZING,
    /** One process that speaks HTTP. */
    HTTP,
    /** Files. */
    STATIC;

    /** @throws IllegalArgumentException when there is no such mode; the message is one readable line */
    static Mode of(String text) {
        return switch (text) {
            case "", "classic" -> CLASSIC;
            case "streaming" -> STREAMING;
            case "serializing" -> SERIALIZING;
            case "http" -> HTTP;
            case "static" -> STATIC;
            default ->
                throw new IllegalArgumentException("mode \"" + text
                        + "\" is not known: set mode to classic, streaming, serializing, http or static");
        };
    }

    /** Whether it has a process for each request. */
    boolean forks() {
        return this == CLASSIC || this == STREAMING || this == SERIALIZING;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
