package dev.caravan.provider.process;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.SecretName;
import dev.caravan.provider.FileSecrets;
import dev.caravan.watchdog.Place;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of one replica, from its start to its end: files at {@link #path} and, where the machine allows it, at
 * {@link MountNamespace#TARGET}.
 */
final class ReplicaSecrets implements AutoCloseable {

    private final FunctionDeployment deployment;
    private final FileSecrets secrets;
    private final Path folder;
    private final Path directory;
    private final @Nullable MountTools tools;
    private final SecretFolders folders;
    private @Nullable ReplicaFolder files;
    private @Nullable MountNamespace namespace;

    /**
     * @param folder the replica's own; made by {@link #open}
     * @param directory where its processes start
     * @param tools null where the machine lets us mount nothing
     */
    ReplicaSecrets(
            FunctionDeployment deployment,
            FileSecrets secrets,
            Path folder,
            Path directory,
            @Nullable MountTools tools,
            SecretFolders folders) {
        this.deployment = deployment;
        this.secrets = secrets;
        this.folder = folder;
        this.directory = directory;
        this.tools = tools;
        this.folders = folders;
    }

    /** Where the files will be; for {@code SECRETS_PATH}. */
    Path path() {
        return ReplicaFolder.secretsIn(folder);
    }

    /** Where the replica's processes run. */
    Place place() {
        return tools == null ? Place.in(directory) : new Place(directory, () -> opened().command());
    }

    /**
     * Writes the files and mounts them.
     *
     * @throws dev.caravan.provider.ProviderException when a secret is not there
     */
    synchronized void open() throws IOException {
        ReplicaFolder created = ReplicaFolder.create(folder);
        files = created;
        for (String name : deployment.secrets()) {
            created.write(name, secrets.value(name, deployment));
        }
        if (tools != null) {
            namespace = new MountNamespace(tools, created, directory);
            namespace.open();
        }
        folders.opened(this);
    }

    /** Gives a running replica a secret's new value, if it has that secret. */
    synchronized void refresh(SecretName secret) throws IOException {
        boolean ours = deployment.namespace().equals(secret.namespace())
                && deployment.secrets().contains(secret.name());
        if (files != null && ours) {
            files.write(secret.name(), secrets.value(secret.name(), deployment));
        }
    }

    @Override
    public synchronized void close() {
        folders.closed(this);
        if (namespace != null) {
            namespace.close();
            namespace = null;
        }
        if (files != null) {
            files.close();
            files = null;
        }
    }

    private synchronized MountNamespace opened() throws IOException {
        if (namespace == null) {
            throw new IOException("the replica has ended");
        }
        return namespace;
    }
}
