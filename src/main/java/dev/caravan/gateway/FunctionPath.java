package dev.caravan.gateway;

import dev.caravan.function.FunctionName;
import java.util.Optional;

/**
 * What {@code /function/NAME[.NAMESPACE]/rest} means, or the same under any other first segment. The one place where it is
 * read: who judges a caller and who makes the call must not differ about the function.
 *
 * @param rest the raw path that the function sees; starts with a slash
 */
record FunctionPath(FunctionName function, String rest) {

    private static final String SYNCHRONOUS = "/function/";
    private static final String ASYNCHRONOUS = "/async-function/";

    /** Whether the path is one of the two doors for calls. */
    static boolean isCall(String path) {
        return path.startsWith(SYNCHRONOUS) || path.startsWith(ASYNCHRONOUS);
    }

    /** The raw segment where the id of a queued call stands: behind the asynchronous door, for all verbs but POST. */
    static Optional<String> callId(String verb, String path) {
        if (!path.startsWith(ASYNCHRONOUS) || verb.equals("POST")) {
            return Optional.empty();
        }
        int slash = path.indexOf('/', ASYNCHRONOUS.length());
        return Optional.of(path.substring(ASYNCHRONOUS.length(), slash < 0 ? path.length() : slash));
    }

    /**
     * Reads a path.
     *
     * @param path raw, percent-encoded
     * @return empty when no function can have that name
     */
    static Optional<FunctionPath> of(String path, String defaultNamespace) {
        int name = path.indexOf('/', 1) + 1;
        int slash = path.indexOf('/', name);
        String segment = path.substring(name, slash < 0 ? path.length() : slash);
        if (name == 0 || !isSegment(segment)) {
            return Optional.empty();
        }
        return FunctionName.parse(segment, defaultNamespace)
                .map(function -> new FunctionPath(function, slash < 0 ? "/" : path.substring(slash)));
    }

    /** One or more of {@code A-Z a-z 0-9 - _ .} (contract section 0.2). */
    private static boolean isSegment(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letterOrDigit && c != '-' && c != '_' && c != '.') {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
