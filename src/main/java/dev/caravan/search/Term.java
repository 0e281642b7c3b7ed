package dev.caravan.search;

import java.util.Locale;

/**
 * One of the things that must be true of what is found.
 *
 * @param key a header's name in lower case, or a path in a body with dots between its parts; empty for other fields
 * @param text the value as it was typed
 * @param number the value of a field that is a number, and of a path that is compared by size; 0 for others
 */
public record Term(Field field, String key, Comparison comparison, String text, double number) {

    static Term of(Field field, String text) {
        return new Term(field, "", Comparison.EQUAL, text, 0);
    }

    static Term of(Field field, Comparison comparison, double number) {
        return new Term(field, "", comparison, "", number);
    }

    /** For what is compared in any case. */
    public String lowerCase() {
        return text.toLowerCase(Locale.ROOT);
    }

    /** Numbers of all fields but a body's are whole ones. */
    public long whole() {
        return (long) number;
    }
}
