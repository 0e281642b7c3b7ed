package dev.caravan.watchdog;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process in a session of its own, so that it can be ended together with everything it started.
 *
 * <p>{@code setsid} (util-linux, busybox) replaces itself by the command, hence the process's id is its session's and
 * its group's. Where there is no {@code setsid}, the descendants that can be found are ended one by one.
 */
final class ProcessGroup {

    private static final Logger LOG = System.getLogger(ProcessGroup.class.getName());

    private static final Optional<Path> SETSID =
            Executables.find("setsid", BaseEnvironment.inherited().getOrDefault("PATH", ""), Path.of("/"));

    private final Process process;

    private ProcessGroup(Process process) {
        this.process = process;
    }

    /**
     * @param environment all of it; nothing of ours is added
     * @throws IOException when the place cannot be entered, or the command is not there or cannot be started; the
     *     message is one readable line
     */
    static ProcessGroup start(
            List<String> command, Map<String, String> environment, Place place, boolean errorsIntoOutput)
            throws IOException {
        String program = command.get(0);
        Path found = Executables.find(program, environment.getOrDefault("PATH", ""), place.directory())
                .orElseThrow(() -> new IOException("cannot start \"" + shortened(program)
                        + "\": no such program; check envProcess and the function's PATH"));
        List<String> line = new ArrayList<>();
        SETSID.ifPresent(setsid -> line.add(setsid.toString()));
        line.addAll(place.entrance().command());
        int start = line.size();
        line.addAll(command);
        if (start == 0) {
            line.set(0, found.toString()); // the JDK would search our PATH, not the function's
        }
        ProcessBuilder builder =
                new ProcessBuilder(line).directory(place.directory().toFile());
        builder.redirectErrorStream(errorsIntoOutput);
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return new ProcessGroup(builder.start());
        } catch (IOException e) {
            // The cause tells why; the message around it also names folders of this machine, and clients see ours.
            String reason = e.getCause() == null ? "" : ": " + e.getCause().getMessage();
            throw new IOException("cannot start \"" + shortened(program) + "\"" + reason, e);
        }
    }

    Process process() {
        return process;
    }

    /** Asks the whole group to end. */
    void terminate() {
        if (SETSID.isPresent()) {
            try {
                GroupSignal.terminate(process.pid());
                return;
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot signal a process group, so only those that can be found", e);
            }
        }
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }

    /** Ends the whole group; nothing can refuse. Those that left it are ended as far as they can be found. */
    void kill() {
        // Listed first: a child whose parent is gone is nobody's descendant any more.
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        if (SETSID.isPresent()) {
            try {
                GroupSignal.kill(process.pid());
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot signal a process group, so only those that can be found", e);
            }
        }
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }
}
