package dev.caravan.function;

import java.util.Arrays;
import java.util.List;

/**
 * Some of all functions: those that one of a few patterns means. A pattern is {@code NAME.NAMESPACE} with {@code *} for any
 * number of characters in either part.
 */
public record FunctionScope(List<Glob> globs) {

    /** Every function there is. */
    public static final FunctionScope ALL = new FunctionScope(List.of(new Glob("*", "*")));

    /** A pattern of one function or of several. */
    public record Glob(String name, String namespace) {

        boolean has(FunctionName function) {
            return matches(name, function.name()) && matches(namespace, function.namespace());
        }

        @Override
        public String toString() {
            return name + "." + namespace;
        }
    }

    public FunctionScope {
        globs = List.copyOf(globs);
    }

    /**
     * Reads patterns.
     *
     * @param words {@code NAME} or {@code NAME.NAMESPACE}
     * @param defaultNamespace of those that name none
     */
    public static FunctionScope of(List<String> words, String defaultNamespace) {
        return new FunctionScope(words.stream()
                .map(word -> {
                    int dot = word.lastIndexOf('.');
                    return dot < 0
                            ? new Glob(word, defaultNamespace)
                            : new Glob(word.substring(0, dot), word.substring(dot + 1));
                })
                .toList());
    }

    /** Whether nothing is left out. */
    public boolean isAll() {
        return globs.contains(ALL.globs.get(0));
    }

    public boolean has(FunctionName function) {
        return globs.stream().anyMatch(glob -> glob.has(function));
    }

    /** Whether functions of a namespace may be among them. */
    public boolean reaches(String namespace) {
        return globs.stream().anyMatch(glob -> matches(glob.namespace(), namespace));
    }

    /** Whether another one has, pattern by pattern, all that this one has. */
    public boolean isWithin(FunctionScope other) {
        // A star is no character of a name, so one that is matched is matched by a star, as all it stands for would be.
        return globs.stream()
                .allMatch(own -> other.globs.stream()
                        .anyMatch(glob ->
                                matches(glob.name(), own.name()) && matches(glob.namespace(), own.namespace())));
    }

    /** The patterns as they are read. */
    public List<String> words() {
        return globs.stream().map(Glob::toString).toList();
    }

    /** In one line, with blanks between the patterns. */
    @Override
    public String toString() {
        return String.join(" ", words());
    }

    private static boolean matches(String glob, String text) {
        String[] parts = glob.split("\\*", -1);
        if (parts.length == 1) {
            return glob.equals(text);
        }
        String last = parts[parts.length - 1];
        if (!text.startsWith(parts[0]) || text.length() < parts[0].length() + last.length() || !text.endsWith(last)) {
            return false;
        }
        int at = parts[0].length();
        int end = text.length() - last.length();
        for (String part : Arrays.asList(parts).subList(1, parts.length - 1)) {
            int found = text.indexOf(part, at);
            if (found < 0 || found + part.length() > end) {
                return false;
            }
            at = found + part.length();
        }
        return true;
    }
}
