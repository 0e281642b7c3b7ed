package dev.caravan.provider;

import dev.caravan.function.FunctionNamespace;
import java.util.List;
import java.util.Optional;

/**
 * The namespaces that functions and secrets may live in. One, the default, is always there.
 *
 * <p>{@link #list} and {@link #get} are free of I/O; changes may block and are durable when they return.
 */
public interface Namespaces {

    /** The default first, the others by name. */
    List<FunctionNamespace> list();

    Optional<FunctionNamespace> get(String name);

    /** @throws ProviderException {@code CONFLICT} when it is there already */
    void create(FunctionNamespace namespace);

    /**
     * Puts new labels and annotations in the place of all the old ones.
     *
     * @throws ProviderException {@code NOT_FOUND}
     */
    void replace(FunctionNamespace namespace);

    /**
     * @throws ProviderException {@code NOT_FOUND}; {@code CONFLICT} while functions or secrets are in it; {@code
     *     INVALID} for the default one
     */
    void delete(String name);

    /** @throws ProviderException {@code INVALID} when it is not there, in a line that says what to do */
    default void require(String name) {
        if (get(name).isEmpty()) {
            throw missing(name);
        }
    }

    /** What is thrown for one that is not there. */
    static ProviderException missing(String name) {
        return new ProviderException(
                ProviderException.Code.INVALID,
                "namespace \"" + (name.length() <= 80 ? name : name.substring(0, 80) + "…")
                        + "\" does not exist; create it by POST /system/namespace/");
    }
}
