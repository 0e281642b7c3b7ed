package dev.caravan.config;

import java.util.List;
import java.util.Map;

/**
 * What the console says of the place where it runs.
 *
 * @param environment its name; empty for none
 * @param colour in which it is shown
 */
public record ConsoleSettings(String environment, Colour colour) {

    /** Colours that can be told apart in light and dark; the words are those of the setting. */
    public enum Colour {
        GREY,
        GREEN,
        BLUE,
        AMBER,
        RED
    }

    static final Setting<String> ENVIRONMENT = new Setting<>(
            "CARAVAN_ENVIRONMENT",
            "",
            "What the console calls this place, in its header and title, e.g. `production`.",
            text -> {
                if (!text.matches("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,23}|")) {
                    throw new IllegalArgumentException("must be at most 24 letters, digits, spaces, dots and dashes");
                }
                return text;
            });
    static final Setting<Colour> COLOUR = Setting.choice(
            "CARAVAN_ENVIRONMENT_COLOUR",
            Colour.GREY,
            Colour.class,
            "In which colour it does so: `grey`, `green`, `blue`, `amber` or `red`.");

    static final List<Setting<?>> ALL = List.of(ENVIRONMENT, COLOUR);

    static ConsoleSettings from(Map<String, String> environment) {
        return new ConsoleSettings(ENVIRONMENT.in(environment), COLOUR.in(environment));
    }
}
