package dev.caravan.function;

import java.util.Optional;

/**
 * Which function: a name inside a namespace.
 *
 * <p>Both parts are DNS labels (RFC 1123: lower-case letters, digits and dashes, at most 63 characters), as every
 * provider demands of what it deploys; so a name is always safe inside a queue name, a path and a URI.
 */
public record FunctionName(String name, String namespace) {

    private static final int MAX_LABEL = 63;

    /** @throws IllegalArgumentException when either part is not a DNS label */
    public FunctionName {
        if (!isLabel(name)) {
            throw new IllegalArgumentException(
                    "function name must be a DNS label (a-z, 0-9, -; at most 63): \"" + shortened(name) + "\"");
        }
        if (!isLabel(namespace)) {
            throw new IllegalArgumentException(
                    "namespace must be a DNS label (a-z, 0-9, -; at most 63): \"" + shortened(namespace) + "\"");
        }
    }

    /**
     * Reads {@code NAME} or {@code NAME.NAMESPACE}, split at the last dot (contract section 0.2).
     *
     * @return empty when no function can have that name
     */
    public static Optional<FunctionName> parse(String text, String defaultNamespace) {
        int dot = text.lastIndexOf('.');
        String name = dot < 0 ? text : text.substring(0, dot);
        String namespace = dot < 0 ? defaultNamespace : text.substring(dot + 1);
        return isLabel(name) && isLabel(namespace) ? Optional.of(new FunctionName(name, namespace)) : Optional.empty();
    }

    /** Whether {@code text} may be a function's or a namespace's name. */
    public static boolean isLabel(String text) {
        // By hand: it stands on the path of every call, twice.
        int last = text.length() - 1;
        if (last < 0 || last >= MAX_LABEL || text.charAt(0) == '-' || text.charAt(last) == '-') {
            return false;
        }
        for (int i = 0; i <= last; i++) {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')) {
                return false;
            }
        }
        return true;
    }

    /** {@code name.namespace}, the form used in URLs and in the {@code function_name} label of metrics. */
    public String qualified() {
        return name + "." + namespace;
    }

    @Override
    public String toString() {
        return qualified();
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
