package dev.caravan.watchdog;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The header fields of a message, in their order; case of names does not matter. */
final class Headers {

    /** One line. */
    record Field(String name, String value) {}

    private final List<Field> fields = new ArrayList<>();

    Headers add(String name, String value) {
        fields.add(new Field(name, value));
        return this;
    }

    /** In place of all that there are of this name. */
    Headers set(String name, String value) {
        remove(name);
        return add(name, value);
    }

    void remove(String name) {
        fields.removeIf(field -> field.name().equalsIgnoreCase(name));
    }

    boolean has(String name) {
        return first(name) != null;
    }

    @Nullable
    String first(String name) {
        for (Field field : fields) {
            if (field.name().equalsIgnoreCase(name)) {
                return field.value();
            }
        }
        return null;
    }

    String first(String name, String otherwise) {
        String value = first(name);
        return value == null ? otherwise : value;
    }

    List<String> all(String name) {
        return fields.stream()
                .filter(field -> field.name().equalsIgnoreCase(name))
                .map(Field::value)
                .toList();
    }

    /** The words of a list such as that in {@code Connection}, in lower case. */
    Set<String> words(String name) {
        Set<String> words = new LinkedHashSet<>();
        for (String value : all(name)) {
            for (String word : value.split(",")) {
                words.add(word.strip().toLowerCase(Locale.ROOT));
            }
        }
        words.remove("");
        return words;
    }

    List<Field> fields() {
        return List.copyOf(fields);
    }

    /** {@code x-call-id} as Go writes it: {@code X-Call-Id}. */
    static String canonical(String name) {
        StringBuilder canonical = new StringBuilder(name.toLowerCase(Locale.ROOT));
        boolean first = true;
        for (int i = 0; i < canonical.length(); i++) {
            if (first) {
                canonical.setCharAt(i, Character.toUpperCase(canonical.charAt(i)));
            }
            first = canonical.charAt(i) == '-';
        }
        return canonical.toString();
    }
}
