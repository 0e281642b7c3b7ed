package dev.caravan.provider.process;

import dev.caravan.watchdog.BaseEnvironment;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The programs that make and enter mount namespaces, from util-linux: the JDK cannot.
 *
 * @param environment of those programs
 */
record MountTools(String unshare, String nsenter, Map<String, String> environment) {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessProvider.class);

    /**
     * Finds out by trying: being root is not enough in a container, for one. Says in one line of the log when functions
     * get their secrets at {@code SECRETS_PATH} only.
     *
     * @param scratch a folder to try it in, made and removed
     */
    static Optional<MountTools> probe(Path scratch, OwnerMark owner) {
        Map<String, String> environment = BaseEnvironment.inherited();
        environment.put(OwnerMark.VARIABLE, owner.text());
        List<String> found = new ArrayList<>();
        for (String program : List.of("unshare", "nsenter", "mount")) {
            Optional<String> path = find(program, environment.getOrDefault("PATH", ""));
            if (path.isEmpty()) {
                return notHere("there is no " + program);
            }
            found.add(path.get());
        }
        MountTools tools = new MountTools(found.get(0), found.get(1), Map.copyOf(environment));
        try (ReplicaFolder trial = ReplicaFolder.create(scratch);
                MountNamespace namespace = new MountNamespace(tools, trial, scratch)) {
            List<String> enter = new ArrayList<>(namespace.command());
            enter.addAll(List.of("test", "-d", MountNamespace.TARGET));
            return tools.succeeds(enter) ? Optional.of(tools) : notHere("nsenter fails");
        } catch (IOException e) {
            return notHere(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<MountTools> notHere(String why) {
        LOG.info(
                "functions find their secrets by SECRETS_PATH only, {} needs root on Linux: {}",
                MountNamespace.TARGET,
                why);
        return Optional.empty();
    }

    private boolean succeeds(List<String> command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            process.destroyForcibly();
        }
    }

    private static Optional<String> find(String program, String path) {
        for (String folder : path.split(File.pathSeparator)) {
            Path file = Path.of(folder, program);
            if (file.isAbsolute() && Files.isExecutable(file)) {
                return Optional.of(file.toString());
            }
        }
        return Optional.empty();
    }
}
