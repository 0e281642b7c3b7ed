package dev.caravan.watchdog;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process in a session of its own, so that it can be ended together with everything it started.
 *
 * <p>Where the C library can be called, it makes the session with the process. Else {@code setsid} (util-linux, busybox)
 * does, which replaces itself by the command, hence the process's id is its session's and its group's. Where there is no
 * {@code setsid} either, the descendants that can be found are ended one by one.
 */
final class ProcessGroup {

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
        Path found = find(program, environment, place);
        List<String> entrance = place.entrance().command();
        List<String> line = new ArrayList<>(entrance);
        line.addAll(command);
        Optional<Libc> libc = Libc.find();
        try {
            if (libc.isPresent()) {
                Path first = entrance.isEmpty() ? found : find(entrance.get(0), environment, place);
                return new ProcessGroup(
                        NativeProcess.start(libc.get(), first, line, environment, place.directory(), errorsIntoOutput));
            }
            if (!Setsid.WORDS.isEmpty()) {
                line.addAll(0, Setsid.WORDS);
            } else if (entrance.isEmpty()) {
                line.set(0, found.toString()); // the JDK would search our PATH, not the function's
            }
            return new ProcessGroup(build(line, environment, place, errorsIntoOutput));
        } catch (IOException e) {
            throw new IOException("cannot start \"" + shortened(program) + "\"" + reason(e), e);
        }
    }

    private static Path find(String program, Map<String, String> environment, Place place) throws IOException {
        return Executables.find(program, environment.getOrDefault("PATH", ""), place.directory())
                .orElseThrow(() -> new IOException("cannot start \"" + shortened(program)
                        + "\": no such program; check envProcess and the function's PATH"));
    }

    private static Process build(
            List<String> line, Map<String, String> environment, Place place, boolean errorsIntoOutput)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(line).directory(place.directory().toFile());
        builder.redirectErrorStream(errorsIntoOutput);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The JDK's message names folders of this machine, and clients see ours; its cause tells only why. */
    private static String reason(IOException e) {
        if (e.getCause() != null) {
            return ": " + e.getCause().getMessage();
        }
        return e instanceof NativeProcess.StartException ? ": " + e.getMessage() : "";
    }

    Process process() {
        return process;
    }

    /** Asks the whole group to end. */
    void terminate() {
        if (!signal(NativeProcess.TERMINATE)) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    /** Ends the whole group; nothing can refuse. Those that left it are ended as far as they can be found. */
    void kill() {
        // Listed first: a child whose parent is gone is nobody's descendant any more.
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroyForcibly();
        signal(NativeProcess.KILL);
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    /** Whether the group can be signalled as one. */
    private boolean signal(int signal) {
        Optional<Libc> libc = Libc.find();
        if (libc.isPresent()) {
            libc.get().kill(-process.pid(), signal);
            return true;
        }
        try {
            if (Setsid.WORDS.isEmpty()) {
                return false;
            }
            if (signal == NativeProcess.KILL) {
                GroupSignal.kill(process.pid());
            } else {
                GroupSignal.terminate(process.pid());
            }
            return true;
        } catch (IOException e) {
            // The logger is looked for only now: a watchdog that needs none starts without it.
            System.getLogger(ProcessGroup.class.getName())
                    .log(Level.WARNING, "cannot signal a process group, so only those that can be found", e);
            return false;
        }
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }
}
