package dev.caravan.search;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The grammar, from left to right:
 *
 * <pre>
 * query = { term }                     with spaces between
 * term  = field ":" value | words
 * field = NAME [ "." KEY ]             KEY: a header's name, or a path in a body
 * value = quoted | what has no space   with nothing between it and the colon
 * words = quoted | what is no field    words next to one another are looked for as they stand
 * quoted = " ... "                     \" and \\ stand for the signs themselves
 * </pre>
 */
final class QueryReader {

    private static final Pattern FIELD = Pattern.compile("([A-Za-z][A-Za-z]*)(?:\\.([^\\s:\"]*))?:(?=\\S)");
    private static final Pattern WORD = Pattern.compile("\\S+");
    private static final Pattern SPACES = Pattern.compile("\\s*");

    private final String text;
    private final Values values;
    private final List<Term> terms = new ArrayList<>();

    private int at;
    /** Where words that are not in quotes began, and where the last of them ended; -1 for none. */
    private int wordsFrom = -1;

    private int wordsTo;

    QueryReader(String text, Values values) {
        this.text = text;
        this.values = values;
    }

    /** @throws MalformedQueryException when a term means nothing */
    List<Term> terms() {
        for (skipSpaces(); at < text.length(); skipSpaces()) {
            Matcher field = FIELD.matcher(text).region(at, text.length());
            if (field.lookingAt()) {
                endWords();
                int begin = at;
                at = field.end();
                String key = field.group(2);
                terms.addAll(values.terms(begin, field.group(1), key == null ? "" : key, value()));
            } else if (text.charAt(at) == '"') {
                endWords();
                terms.add(Term.of(Field.TEXT, quoted()));
            } else {
                wordsFrom = wordsFrom < 0 ? at : wordsFrom;
                at = word();
                wordsTo = at;
            }
        }
        endWords();
        return terms;
    }

    private void skipSpaces() {
        Matcher spaces = SPACES.matcher(text).region(at, text.length());
        at = spaces.lookingAt() ? spaces.end() : at;
    }

    private void endWords() {
        if (wordsFrom >= 0) {
            terms.add(Term.of(Field.TEXT, text.substring(wordsFrom, wordsTo)));
            wordsFrom = -1;
        }
    }

    private String value() {
        if (text.charAt(at) == '"') {
            return quoted();
        }
        int from = at;
        at = word();
        return text.substring(from, at);
    }

    private int word() {
        Matcher word = WORD.matcher(text).region(at, text.length());
        return word.lookingAt() ? word.end() : text.length();
    }

    private String quoted() {
        int begin = at;
        var inside = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                if (inside.isEmpty()) {
                    throw new MalformedQueryException(begin, "there is nothing between these quotes");
                }
                return inside.toString();
            }
            boolean escaped = c == '\\' && at + 1 < text.length() && "\"\\".indexOf(text.charAt(at + 1)) >= 0;
            inside.append(escaped ? text.charAt(++at) : c);
        }
        throw new MalformedQueryException(begin, "these quotes are not closed");
    }
}
