package dev.caravan.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One environment variable: its name, what it means, its default, and how its text becomes a value.
 *
 * @param env e.g. {@code CARAVAN_PORT}
 * @param defaultText the default as one would write it; empty for none
 * @param meaning one sentence for the reference
 * @param parser throws {@link IllegalArgumentException} with what was expected, e.g. "must be a port, 0 to 65535"
 */
record Setting<T>(String env, String defaultText, String meaning, Function<String, T> parser) {

    static Setting<String> text(String env, String defaultText, String meaning) {
        return new Setting<>(env, defaultText, meaning, Function.identity());
    }

    static Setting<Integer> port(String env, int defaultPort, String meaning) {
        return number(env, defaultPort, 0, 65_535, meaning);
    }

    static Setting<Integer> number(String env, int defaultValue, int min, int max, String meaning) {
        return new Setting<>(env, Integer.toString(defaultValue), meaning, text -> {
            if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < min || Integer.parseInt(text) > max) {
                throw new IllegalArgumentException("must be a number from " + min + " to " + max);
            }
            return Integer.parseInt(text);
        });
    }

    /** Go syntax or bare seconds, at least one millisecond. */
    static Setting<Duration> duration(String env, String defaultText, String meaning) {
        return new Setting<>(env, defaultText, meaning, text -> {
            Duration value = Durations.parse(text);
            if (value.toMillis() < 1) {
                throw new IllegalArgumentException("must be longer than nothing");
            }
            return value;
        });
    }

    /** In bytes; written {@code 10MiB}. */
    static Setting<Long> size(String env, String defaultText, String meaning) {
        return new Setting<>(env, defaultText, meaning, Sizes::parse);
    }

    static Setting<Boolean> flag(String env, boolean defaultValue, String meaning) {
        return new Setting<>(env, Boolean.toString(defaultValue), meaning, text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("must be true or false");
        });
    }

    static <E extends Enum<E>> Setting<E> choice(String env, E defaultValue, Class<E> type, String meaning) {
        List<String> words =
                Arrays.stream(type.getEnumConstants()).map(Setting::word).toList();
        return new Setting<>(env, word(defaultValue), meaning, text -> {
            if (!words.contains(text)) {
                throw new IllegalArgumentException("must be one of " + String.join(", ", words));
            }
            return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
        });
    }

    /** Several words separated by commas. */
    static Setting<List<String>> list(String env, String defaultText, String meaning) {
        return new Setting<>(
                env,
                defaultText,
                meaning,
                text -> Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .collect(Collectors.toUnmodifiableList()));
    }

    /** @throws SettingsException naming the key, what it held and what was expected */
    T in(Map<String, String> environment) {
        String text = environment.getOrDefault(env, defaultText).strip();
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new SettingsException(env + " " + e.getMessage() + ", got: \"" + text + "\"");
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
