package dev.caravan.provider;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.SecretName;
import dev.caravan.provider.ProviderException.Code;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Secrets as files, {@code NAMESPACE/NAME} in a folder that only this user of the machine can read: for providers whose
 * engine keeps none. The files are the truth, so one that is put there by hand is a secret too.
 */
public final class FileSecrets implements Secrets {

    private static final Logger LOG = LoggerFactory.getLogger(FileSecrets.class);

    private final Path folder;
    private final Namespaces namespaces;
    private final Lock changes;
    private final Consumer<SecretName> changed;

    /**
     * @param changes held during each change; the provider's own, so that what it looked up stays so while it deploys
     * @param changed told of each secret that has a new value, while {@code changes} is held
     */
    public FileSecrets(Path folder, Namespaces namespaces, Lock changes, Consumer<SecretName> changed) {
        this.folder = folder;
        this.namespaces = namespaces;
        this.changes = changes;
        this.changed = changed;
    }

    /** Removes what a crash left half-written. @throws IOException when the folder cannot be read */
    public void open() throws IOException {
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, Files::isDirectory)) {
                for (Path files : all) {
                    AtomicFile.sweep(files);
                }
            }
        }
    }

    @Override
    public List<String> list(String namespace) {
        namespaces.require(namespace);
        return names(namespace);
    }

    @Override
    public void create(SecretName secret, byte[] value) {
        changes.lock();
        try {
            namespaces.require(secret.namespace());
            if (exists(secret)) {
                throw new ProviderException(
                        Code.CONFLICT,
                        "secret \"" + secret.name() + "\" is there already in namespace \"" + secret.namespace()
                                + "\"; update it");
            }
            write(secret, value);
            LOG.info("secret created secret={} namespace={}", secret.name(), secret.namespace());
        } finally {
            changes.unlock();
        }
    }

    @Override
    public void replace(SecretName secret, byte[] value) {
        changes.lock();
        try {
            requireThere(secret);
            write(secret, value);
            LOG.info("secret updated secret={} namespace={}", secret.name(), secret.namespace());
        } finally {
            changes.unlock();
        }
    }

    @Override
    public void delete(SecretName secret) {
        changes.lock();
        try {
            requireThere(secret);
            AtomicFile.delete(file(secret));
            LOG.info("secret deleted secret={} namespace={}", secret.name(), secret.namespace());
        } catch (IOException e) {
            throw unavailable("delete", secret, e);
        } finally {
            changes.unlock();
        }
    }

    @Override
    public byte[] value(SecretName secret) {
        try {
            return Files.readAllBytes(file(secret));
        } catch (NoSuchFileException e) {
            throw notFound(secret);
        } catch (IOException e) {
            throw unavailable("read", secret, e);
        }
    }

    /**
     * Refuses a deployment that names a secret which is not there.
     *
     * @throws ProviderException {@code INVALID}, naming the first that is missing
     */
    public void requireAll(FunctionDeployment deployment) {
        for (String name : deployment.secrets()) {
            if (!SecretName.isName(name) || !exists(new SecretName(name, deployment.namespace()))) {
                throw missing(name, deployment);
            }
        }
    }

    /**
     * A secret's value, for a replica of the function that asks for it.
     *
     * @throws ProviderException {@code INVALID} when it is not there
     */
    public byte[] value(String name, FunctionDeployment deployment) {
        try {
            return value(new SecretName(name, deployment.namespace()));
        } catch (ProviderException e) {
            throw e.code() == Code.NOT_FOUND ? missing(name, deployment) : e;
        }
    }

    /** How many secrets a namespace holds, whether it exists or not. */
    public int count(String namespace) {
        return names(namespace).size();
    }

    private List<String> names(String namespace) {
        Path files = folder.resolve(namespace);
        if (!Files.isDirectory(files)) {
            return List.of();
        }
        try (Stream<Path> listed = Files.list(files)) {
            return listed.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(SecretName::isName)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            LOG.warn("cannot list the secrets of namespace {}", namespace, e);
            throw new ProviderException(
                    Code.UNAVAILABLE, "cannot list the secrets of namespace \"" + namespace + "\"; see the log", e);
        }
    }

    private void write(SecretName secret, byte[] value) {
        if (value.length > MAX_SIZE) {
            throw new ProviderException(
                    Code.TOO_LARGE,
                    "secret \"" + secret.name() + "\" has " + value.length + " bytes; at most " + MAX_SIZE
                            + " are taken");
        }
        try {
            Path file = file(secret);
            AtomicFile.privateFolder(file.resolveSibling(""));
            AtomicFile.writePrivate(file, value);
        } catch (IOException e) {
            throw unavailable("keep", secret, e);
        }
        changed.accept(secret);
    }

    private void requireThere(SecretName secret) {
        if (!exists(secret)) {
            throw notFound(secret);
        }
    }

    private static ProviderException notFound(SecretName secret) {
        return new ProviderException(
                Code.NOT_FOUND,
                "secret \"" + secret.name() + "\" not found in namespace \"" + secret.namespace() + "\"");
    }

    private boolean exists(SecretName secret) {
        return Files.isRegularFile(file(secret));
    }

    private Path file(SecretName secret) {
        return folder.resolve(secret.namespace()).resolve(secret.name());
    }

    private static ProviderException missing(String name, FunctionDeployment deployment) {
        return new ProviderException(
                Code.INVALID,
                "function \"" + deployment.service() + "\" asks for secret \""
                        + (name.length() <= 80 ? name : name.substring(0, 80) + "…")
                        + "\", which does not exist in namespace \""
                        + deployment.namespace() + "\"; create it first");
    }

    private static ProviderException unavailable(String what, SecretName secret, IOException e) {
        LOG.warn("cannot {} secret {} of namespace {}", what, secret.name(), secret.namespace(), e);
        return new ProviderException(
                Code.UNAVAILABLE, "cannot " + what + " secret \"" + secret.name() + "\"; see the log", e);
    }
}
