package dev.caravan.provider;

import dev.caravan.function.SecretName;
import java.util.List;

/**
 * What functions know and nobody else shall: named bytes, one set per namespace. Values go in, and reach the functions
 * that ask for them; Caravan itself uses one where a function's annotation says so. No answer, log line or message ever
 * holds one.
 *
 * <p>A function finds its secrets as files named like them in {@code /var/openfaas/secrets}, or in the folder that
 * {@code SECRETS_PATH} names. Deleting a secret takes it from nobody who runs: replicas keep what they were started
 * with, but no new one starts. All methods may block on the disk or the engine; changes are durable when they return.
 */
public interface Secrets {

    /** The largest value, in bytes; as large as a Kubernetes secret may be. */
    int MAX_SIZE = 1 << 20;

    /**
     * Names, sorted.
     *
     * @throws ProviderException {@code INVALID} when there is no such namespace
     */
    List<String> list(String namespace);

    /**
     * @throws ProviderException {@code CONFLICT} when the name is taken; {@code INVALID} when there is no such
     *     namespace; {@code TOO_LARGE}
     */
    void create(SecretName secret, byte[] value);

    /** @throws ProviderException {@code NOT_FOUND}, {@code TOO_LARGE} */
    void replace(SecretName secret, byte[] value);

    /** @throws ProviderException {@code NOT_FOUND} */
    void delete(SecretName secret);

    /**
     * A secret's bytes, for Caravan's own use: a key to sign with.
     *
     * @throws ProviderException {@code NOT_FOUND}, {@code UNAVAILABLE}
     */
    byte[] value(SecretName secret);
}
