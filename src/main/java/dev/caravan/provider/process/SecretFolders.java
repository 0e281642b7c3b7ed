package dev.caravan.provider.process;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.SecretName;
import dev.caravan.provider.FileSecrets;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The secrets of all replicas of this run: {@code RUN/REPLICA} in a folder of the data folder. */
final class SecretFolders {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessProvider.class);

    private final Path root;
    private final FileSecrets secrets;
    private final WorkFolders work;
    private final OwnerMark owner;
    private final Set<ReplicaSecrets> open = ConcurrentHashMap.newKeySet();
    private boolean probed;
    private @Nullable MountTools tools;

    /** @param work where functions run */
    SecretFolders(Path root, FileSecrets secrets, WorkFolders work, OwnerMark owner) {
        this.root = root;
        this.secrets = secrets;
        this.work = work;
        this.owner = owner;
    }

    /** Removes the copies that runs left behind which were killed; their processes must have been ended. */
    void reapEarlierRuns() throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (DirectoryStream<Path> runs = Files.newDirectoryStream(root)) {
            for (Path run : runs) {
                boolean lives = OwnerMark.parse(
                                owner.id() + ":" + run.getFileName().toString().replace('.', ':'))
                        .filter(OwnerMark::ownerLives)
                        .isPresent();
                if (!lives) {
                    ReplicaFolder.remove(run);
                }
            }
        }
    }

    /** For a replica that is about to be made. Nothing is on the disk before it is opened. */
    ReplicaSecrets of(FunctionDeployment deployment, String instance) {
        return new ReplicaSecrets(deployment, secrets, run().resolve(instance), work.of(deployment), tools(), this);
    }

    /** Gives running replicas the new value of a secret. */
    void changed(SecretName secret) {
        for (ReplicaSecrets replica : open) {
            try {
                replica.refresh(secret);
            } catch (IOException e) {
                LOG.warn("a running replica keeps the old value of secret {}", secret, e);
            }
        }
    }

    void opened(ReplicaSecrets replica) {
        open.add(replica);
    }

    void closed(ReplicaSecrets replica) {
        open.remove(replica);
    }

    /** Removes all that is left of this run. */
    void close() {
        Set.copyOf(open).forEach(ReplicaSecrets::close);
        ReplicaFolder.remove(run());
    }

    private Path run() {
        return root.resolve(owner.pid() + "." + owner.startTicks());
    }

    /** Tried once, when the first function with secrets comes. */
    private synchronized @Nullable MountTools tools() {
        if (!probed) {
            tools = MountTools.probe(run().resolve("trial"), owner).orElse(null);
            probed = true;
        }
        return tools;
    }
}
