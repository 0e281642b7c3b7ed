package dev.caravan.component.routes;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A place in a file, counted from 1; 0 when it is not known. */
record Place(int line, int column) {

    static final Place UNKNOWN = new Place(0, 0);

    RouteProblem problem(String file, String message, String suggestion) {
        return new RouteProblem(file, line, column, message, suggestion);
    }

    /** The first place at or after a line where a word stands by itself. */
    static Place firstOf(String text, String word, int fromLine) {
        Matcher matcher = matcher(text, word);
        while (matcher.find()) {
            Place place = at(text, matcher.start());
            if (place.line() >= fromLine) {
                return place;
            }
        }
        return UNKNOWN;
    }

    static Place lastOf(String text, String word) {
        Matcher matcher = matcher(text, word);
        Place last = UNKNOWN;
        while (matcher.find()) {
            last = at(text, matcher.start());
        }
        return last;
    }

    private static Matcher matcher(String text, String word) {
        return Pattern.compile("(?<![\\w-])" + Pattern.quote(word) + "(?![\\w-])")
                .matcher(text);
    }

    private static Place at(String text, int index) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < index; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new Place(line, index - lineStart + 1);
    }
}
