package dev.caravan.component.calls;

import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.SecretName;
import dev.caravan.provider.AtomicFile;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that callbacks are signed with: the secret that the function's annotation {@value #ANNOTATION} names, in the
 * function's namespace, else the file {@value #DEFAULT_KEY} among Caravan's own secrets.
 *
 * <p>A key is the bytes of the secret without line ends behind them, so that it does not matter how it was written. Each
 * delivery reads it anew: a changed key holds from the next attempt on.
 */
public final class CallbackKeys {

    /** Names the secret. */
    public static final String ANNOTATION = "dev.caravan.callback-secret";

    /** Made at the first start, for functions without the annotation. */
    public static final String DEFAULT_KEY = "callback-key";

    /** There is no key now: the callback waits rather than going unsigned. */
    static final class NoKeyException extends Exception {

        private static final long serialVersionUID = 1L;

        NoKeyException(String message) {
            super(message);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(CallbackKeys.class);
    private static final int RANDOM_BYTES = 32;

    private final FunctionProvider provider;
    private final Path defaultKey;

    /** @param secrets Caravan's own, {@code CARAVAN_SECRETS} */
    public CallbackKeys(FunctionProvider provider, Path secrets) {
        this.provider = provider;
        this.defaultKey = secrets.resolve(DEFAULT_KEY);
    }

    /** Makes the default key when there is none; where that cannot be, only those who need it are the worse for it. */
    public void open() {
        if (Files.exists(defaultKey)) {
            return;
        }
        var random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        try {
            AtomicFile.writePrivate(
                    defaultKey, (HexFormat.of().formatHex(random) + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            LOG.warn(
                    "callback key cannot be made, callbacks of functions without the annotation {} wait for it file={} error={}",
                    ANNOTATION,
                    defaultKey,
                    e.toString());
        }
    }

    /**
     * The key for a function's callbacks; blocks for the disk or the engine.
     *
     * @throws NoKeyException with one line, without the key, when there is none at the moment
     */
    byte[] key(FunctionName function) throws NoKeyException {
        String name = provider.status(function)
                .map(FunctionStatus::deployment)
                .flatMap(deployment -> deployment.annotation(ANNOTATION))
                .orElse(null);
        return checked(name == null ? defaultKey() : secret(name, function));
    }

    /** The key for what is of no function; likewise. */
    byte[] key() throws NoKeyException {
        return checked(defaultKey());
    }

    private static byte[] checked(byte[] secret) throws NoKeyException {
        byte[] key = trimmed(secret);
        if (key.length == 0) {
            throw new NoKeyException("not sent: the key to sign it with is empty");
        }
        return key;
    }

    private byte[] defaultKey() throws NoKeyException {
        try {
            return Files.readAllBytes(defaultKey);
        } catch (IOException e) {
            throw new NoKeyException("not sent: the file " + DEFAULT_KEY + " to sign it with cannot be read");
        }
    }

    private byte[] secret(String name, FunctionName function) throws NoKeyException {
        try {
            return provider.secrets().value(new SecretName(name, function.namespace()));
        } catch (IllegalArgumentException | ProviderException e) {
            throw new NoKeyException(
                    "not sent: the secret that the annotation " + ANNOTATION + " names cannot be read");
        }
    }

    private static byte[] trimmed(byte[] secret) {
        int length = secret.length;
        while (length > 0 && (secret[length - 1] == '\n' || secret[length - 1] == '\r')) {
            length--;
        }
        return Arrays.copyOf(secret, length);
    }
}
