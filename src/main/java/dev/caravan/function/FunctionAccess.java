package dev.caravan.function;

import java.util.Locale;
import java.util.Optional;

/** Who may call a function, said by its annotation {@value #ANNOTATION}; without one, the platform's setting says it. */
public enum FunctionAccess {
    /** Everybody who reaches the gateway. */
    NONE,
    /** Users, by HTTP Basic. */
    BASIC;

    /** The annotation's name. */
    public static final String ANNOTATION = "dev.caravan.auth";

    /** @throws IllegalArgumentException when the annotation is there and says neither {@code none} nor {@code basic} */
    public static void check(FunctionDeployment deployment) {
        deployment.annotation(ANNOTATION).ifPresent(word -> {
            if (of(word).isEmpty()) {
                throw new IllegalArgumentException("annotation \"" + ANNOTATION + "\" must be none or basic, got: \""
                        + (word.length() <= 80 ? word : word.substring(0, 80) + "…") + "\"");
            }
        });
    }

    /** What a function says. A word that nobody knows, which no door lets in, counts as {@code basic}. */
    public static FunctionAccess of(FunctionDeployment deployment, FunctionAccess otherwise) {
        return deployment
                .annotation(ANNOTATION)
                .map(word -> of(word).orElse(BASIC))
                .orElse(otherwise);
    }

    private static Optional<FunctionAccess> of(String word) {
        for (FunctionAccess access : values()) {
            if (access.name().toLowerCase(Locale.ROOT).equals(word)) {
                return Optional.of(access);
            }
        }
        return Optional.empty();
    }
}
