package dev.caravan.function;

import java.util.Map;

/**
 * Where functions and secrets live together: those of one namespace know nothing of another's. Labels and annotations
 * are kept exactly as they came (contract section 1.10).
 */
public record FunctionNamespace(String name, Map<String, String> labels, Map<String, String> annotations) {

    /** A cluster keeps its own machinery there, and every provider refuses it, so that stacks can move. */
    private static final String RESERVED = "kube-system";

    /** @throws IllegalArgumentException when functions cannot live in a namespace of that name */
    public FunctionNamespace {
        requireName(name);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** One that says nothing about itself. */
    public static FunctionNamespace named(String name) {
        return new FunctionNamespace(name, Map.of(), Map.of());
    }

    /** @throws IllegalArgumentException when functions cannot live in a namespace of that name */
    public static void requireName(String name) {
        if (!FunctionName.isLabel(name)) {
            throw new IllegalArgumentException("namespace must be a DNS label (a-z, 0-9, -; at most 63): \""
                    + (name.length() <= 80 ? name : name.substring(0, 80) + "…") + "\"");
        }
        if (name.equals(RESERVED)) {
            throw new IllegalArgumentException("namespace \"" + RESERVED + "\" is not for functions; choose another");
        }
    }
}
