package dev.caravan.provider.process;

import dev.caravan.watchdog.Place;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The machine as one replica sees it: as it is, but with the replica's secrets, read only, at {@link #TARGET}.
 *
 * <p>A mount namespace lives as long as a process is in it, and a replica's processes may come and go with each call; so
 * one process holds it, asleep, and calls enter by {@code nsenter}. The holder reads from a pipe whose other end is
 * ours: it ends when we close it, and when we are killed.
 *
 * <p>Nothing of this is seen outside, and nothing is made on the machine's disks: where the folder for the mount is
 * missing, the nearest one above it ({@code /var}, as a rule) is covered by a file system in memory that shows all its
 * entries in their places, and the missing one. The cover is read only, so that what a function would write right there
 * fails instead of vanishing; below the entries all is as it was. Mounts made later outside are seen inside. See <a
 * href="https://man7.org/linux/man-pages/man7/mount_namespaces.7.html">mount_namespaces(7)</a>.
 */
final class MountNamespace implements Place.Entrance, AutoCloseable {

    /** Where every OpenFaaS function looks for its secrets (contract section 5.1). */
    static final String TARGET = "/var/openfaas/secrets";

    private static final String READY = "ready";
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final String HOLD = """
            set -eu
            target=$1 secrets=$2 stage=$3 directory=$4
            base=$target
            while [ ! -d "$base" ]; do base=${base%/*}; done
            if [ "$base" != "$target" ]; then
                mount -t tmpfs -o mode=755,size=1m caravan "$stage"
                mount --make-unbindable "$stage"
                for entry in "$base"/* "$base"/.[!.]*; do
                    copy=$stage/${entry##*/}
                    if [ -L "$entry" ]; then
                        cp -P "$entry" "$copy"
                    elif [ -d "$entry" ]; then
                        mkdir "$copy"
                        mount --rbind "$entry" "$copy"
                    elif [ -e "$entry" ]; then
                        : > "$copy"
                        mount --bind "$entry" "$copy"
                    fi
                done
                mkdir -p "$stage${target#"$base"}"
                mount -o remount,bind,ro "$stage"
                mount --make-private "$stage"
                mount --move "$stage" "$base"
            fi
            mount --bind "$secrets" "$target"
            mount -o remount,bind,ro,nosuid,nodev,noexec "$target"
            cd "$directory"
            echo ready
            exec cat > /dev/null
            """;

    private final MountTools tools;
    private final ReplicaFolder folder;
    private final Path directory;
    private @Nullable Process holder;
    private boolean closed;

    /** @param directory where processes are to start, as seen inside */
    MountNamespace(MountTools tools, ReplicaFolder folder, Path directory) {
        this.tools = tools;
        this.folder = folder;
        this.directory = directory;
    }

    /** @throws IOException when the machine does not allow it; the message is one readable line */
    synchronized void open() throws IOException {
        if (closed) {
            throw new IOException("the replica has ended");
        }
        ProcessBuilder builder = new ProcessBuilder(
                        tools.unshare(),
                        "--mount",
                        "--propagation",
                        "slave",
                        "/bin/sh",
                        "-c",
                        HOLD,
                        "caravan-secrets",
                        TARGET,
                        folder.secrets().toString(),
                        folder.stage().toString(),
                        directory.toString())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(tools.environment());
        Process started = builder.start();
        String word = firstLine(started);
        if (!READY.equals(word)) {
            started.destroyForcibly();
            throw new IOException(word == null ? "unshare made no mount namespace" : word);
        }
        holder = started;
    }

    /** Enters at the holder's directory, which is inside. Should somebody have ended the holder, there is a new one. */
    @Override
    public synchronized List<String> command() throws IOException {
        if (holder == null || !holder.isAlive()) {
            open();
        }
        return List.of(tools.nsenter(), "--target", Long.toString(holderId()), "--mount", "--wd", "--");
    }

    /** Lets the namespace go; processes that are in it keep it until they end. */
    @Override
    public synchronized void close() {
        closed = true;
        if (holder != null) {
            holder.destroyForcibly();
            holder = null;
        }
    }

    private long holderId() {
        if (holder == null) {
            throw new IllegalStateException("open() leaves a holder or throws");
        }
        return holder.pid();
    }

    private static @Nullable String firstLine(Process process) throws IOException {
        CompletableFuture<Void> limit = CompletableFuture.runAsync(
                process::destroyForcibly, CompletableFuture.delayedExecutor(LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        try {
            return reader.readLine();
        } finally {
            limit.cancel(false);
        }
    }
}
