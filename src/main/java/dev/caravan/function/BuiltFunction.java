package dev.caravan.function;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a deployment's annotations say of a function that was built from source here.
 *
 * @param language what it is written in
 * @param path under which it can be called besides its name; the name when it was given none
 * @param methods that it takes, in upper case; all when empty
 */
public record BuiltFunction(String language, String path, Set<String> methods) {

    private static final String LANGUAGE = "dev.caravan.language";
    private static final String PATH = "dev.caravan.path";
    private static final String METHOD = "dev.caravan.method";

    /** The annotations' names. */
    public static final List<String> NAMES = List.of(LANGUAGE, PATH, METHOD);

    /** Verbs that a function can be given; the others are not its own to refuse. */
    private static final List<String> VERBS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    /** @throws IllegalArgumentException in one readable line for a path or a method that cannot be */
    public BuiltFunction {
        if (!path.matches("[A-Za-z0-9._-]{1,128}") || path.matches("[.]+")) {
            throw new IllegalArgumentException(
                    "path must be one segment of A-Z a-z 0-9 . _ -, got \"" + cut(path) + "\"");
        }
        for (String method : methods) {
            if (!VERBS.contains(method)) {
                throw new IllegalArgumentException(
                        "method must be some of " + String.join(", ", VERBS) + ", got \"" + cut(method) + "\"");
            }
        }
        methods = Set.copyOf(methods);
    }

    /** Empty for a function that was not built here, or whose annotations nobody can read. */
    public static Optional<BuiltFunction> of(FunctionDeployment deployment) {
        try {
            return deployment
                    .annotation(LANGUAGE)
                    .map(language -> new BuiltFunction(
                            language,
                            deployment.annotation(PATH).orElse(deployment.service()),
                            methods(deployment.annotation(METHOD).orElse(""))));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // changed by hand
        }
    }

    /** The verbs of a list with commas or spaces, in upper case. */
    public static Set<String> methods(String text) {
        Set<String> methods = new TreeSet<>();
        for (String word : text.toUpperCase(Locale.ROOT).split("[,\\s]+")) {
            if (!word.isEmpty()) {
                methods.add(word);
            }
        }
        return methods;
    }

    /** What {@link #of} reads. */
    public Map<String, String> annotations() {
        var annotations = new LinkedHashMap<String, String>();
        annotations.put(LANGUAGE, language);
        annotations.put(PATH, path);
        if (!methods.isEmpty()) {
            annotations.put(METHOD, String.join(",", new TreeSet<>(methods)));
        }
        return annotations;
    }

    private static String cut(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
