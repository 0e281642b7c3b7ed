package dev.caravan.watchdog;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process made by posix_spawn, in a session of its own. It costs a third of what the JDK's way costs together with
 * {@code setsid}: two programs less are loaded, and no thread waits for the end.
 *
 * <p>Its output is to be read to the end, which closes it. Somebody has to wait for the process, or to kill it: else an
 * entry of it stays in the system's table after its end.
 */
final class NativeProcess extends Process {

    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int SET_SIGNAL_MASK = 0x08; // to what the structure says of itself: none is blocked
    private static final int SET_SESSION = 0x80;
    private static final int NO_HANG = 1;
    private static final int READABLE = 1;
    static final int KILL = 9;
    static final int TERMINATE = 15;
    private static final int TOO_LONG = 7;
    private static final int NOT_EXECUTABLE = 8;
    private static final int STRUCTURE = 512; // the largest of them has 336 bytes

    /** How long a native wait lasts at most, since it does not notice an interrupt. */
    private static final long SLICE = 1_000;

    /** Why there is no process; the message names nothing of this machine. */
    static final class StartException extends IOException {
        private static final long serialVersionUID = 1L;

        StartException(String message) {
            super(message);
        }
    }

    private final Libc libc;
    private final int pid;
    private final int handle; // a descriptor that can be read once the process has ended
    private final OutputStream input;
    private final InputStream output;
    private final InputStream errors;
    private int waiting;
    private boolean ended;
    private int exitStatus;
    private boolean reaped;

    private NativeProcess(Libc libc, int pid, int handle, OutputStream input, InputStream output, InputStream errors) {
        this.libc = libc;
        this.pid = pid;
        this.handle = handle;
        this.input = input;
        this.output = output;
        this.errors = errors;
    }

    /**
     * @param program where it is
     * @param words its name and its arguments
     * @param environment all of it
     * @throws IOException when it cannot be; the message tells why in a few words
     */
    static NativeProcess start(
            Libc libc,
            Path program,
            List<String> words,
            Map<String, String> environment,
            Path directory,
            boolean errorsIntoOutput)
            throws IOException {
        String path = program.toAbsolutePath().toString();
        List<String> variables = new ArrayList<>(environment.size());
        environment.forEach((name, value) -> variables.add(name + "=" + value));
        try (Pipes pipes = new Pipes(libc, errorsIntoOutput)) {
            int[] pid = new int[1];
            int error = spawn(libc, path, words, variables, directory, pipes, pid);
            if (error == NOT_EXECUTABLE) {
                // A script that does not name its interpreter: the shell's, as execvp has it.
                List<String> script = new ArrayList<>(List.of("/bin/sh", path));
                script.addAll(words.subList(1, words.size()));
                error = spawn(libc, "/bin/sh", script, variables, directory, pipes, pid);
            }
            if (error != 0) {
                throw new StartException("error=" + error
                        + (error == TOO_LONG ? ", the arguments and the environment are too long" : ""));
            }
            int handle = libc.pidfdOpen(pid[0]);
            if (handle < 0) {
                libc.kill(pid[0], KILL);
                libc.waitpid(pid[0], 0, 0);
                throw new StartException("too many open files");
            }
            return pipes.process(pid[0], handle);
        }
    }

    private static int spawn(
            Libc libc,
            String path,
            List<String> words,
            List<String> variables,
            Path directory,
            Pipes pipes,
            int[] pid) {
        int size = 4 * STRUCTURE + Scratch.size(path) + Scratch.size(directory.toString());
        for (String word : words) {
            size += Scratch.size(word);
        }
        for (String variable : variables) {
            size += Scratch.size(variable);
        }
        try (Scratch scratch = Scratch.of(libc, size)) {
            long started = scratch.room(Long.BYTES);
            long actions = scratch.room(STRUCTURE);
            long attributes = scratch.room(STRUCTURE);
            libc.actionsInit(actions);
            libc.attributesInit(attributes);
            try {
                libc.attributesFlags(attributes, SET_SIGNAL_MASK | SET_SESSION);
                libc.actionsDup2(actions, pipes.childInput, 0);
                libc.actionsDup2(actions, pipes.childOutput, 1);
                libc.actionsDup2(actions, pipes.childErrors, 2);
                libc.actionsCloseFrom(actions, 3); // the JDK leaves its files and sockets open for whoever is started
                libc.actionsChdir(actions, scratch.text(directory.toString()));
                int error = libc.spawn(
                        started,
                        scratch.text(path),
                        actions,
                        attributes,
                        scratch.texts(words),
                        scratch.texts(variables));
                pid[0] = scratch.intAt(started);
                return error;
            } finally {
                libc.actionsDestroy(actions);
                libc.attributesDestroy(attributes);
            }
        }
    }

    /** The pipes of one process; what it does not take over is closed. */
    private static final class Pipes implements AutoCloseable {

        private final Libc libc;
        private final List<Integer> descriptors = new ArrayList<>(6);
        private final List<AutoCloseable> streams = new ArrayList<>(3);
        private final int childInput;
        private final int childOutput;
        private final int childErrors;
        private final OutputStream input;
        private final InputStream output;
        private final InputStream errors;
        private boolean taken;

        Pipes(Libc libc, boolean errorsIntoOutput) throws IOException {
            this.libc = libc;
            try {
                int[] in = open();
                int[] out = open();
                int[] err = errorsIntoOutput ? out : open();
                childInput = in[0];
                childOutput = out[1];
                childErrors = err[1];
                // Opened anew by their names: streams of the JDK then, which nobody can close under a read.
                input = kept(new FileOutputStream(file(in[1])));
                output = kept(new EndClosedInput(new FileInputStream(file(out[0]))));
                errors = errorsIntoOutput
                        ? InputStream.nullInputStream()
                        : kept(new EndClosedInput(new FileInputStream(file(err[0]))));
            } catch (IOException e) {
                close();
                throw e;
            }
        }

        private int[] open() throws IOException {
            try (Scratch scratch = Scratch.of(libc, 64)) {
                long ends = scratch.room(2 * Integer.BYTES);
                if (libc.pipe2(ends, CLOSE_ON_EXEC) != 0) {
                    throw new StartException("too many open files");
                }
                int[] pair = {scratch.intAt(ends), scratch.intAt(ends + Integer.BYTES)};
                descriptors.add(pair[0]);
                descriptors.add(pair[1]);
                return pair;
            }
        }

        private static String file(int descriptor) {
            return "/proc/self/fd/" + descriptor;
        }

        private <T extends AutoCloseable> T kept(T stream) {
            streams.add(stream);
            return stream;
        }

        NativeProcess process(int pid, int handle) {
            taken = true;
            return new NativeProcess(libc, pid, handle, input, output, errors);
        }

        @Override
        public void close() throws IOException {
            descriptors.forEach(libc::close);
            if (!taken) {
                for (AutoCloseable stream : streams) {
                    try {
                        stream.close();
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                }
            }
        }
    }

    /** Gives its descriptor back at the end of what there is to read. */
    private static final class EndClosedInput extends FilterInputStream {

        private boolean atEnd;

        EndClosedInput(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (atEnd) {
                return -1;
            }
            int count = in.read(bytes, offset, length);
            if (count < 0) {
                atEnd = true;
                in.close();
            }
            return count;
        }
    }

    @Override
    public OutputStream getOutputStream() {
        return input;
    }

    @Override
    public InputStream getInputStream() {
        return output;
    }

    @Override
    public InputStream getErrorStream() {
        return errors;
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public int waitFor() throws InterruptedException {
        while (!waitFor(SLICE, TimeUnit.MILLISECONDS)) {
            continue;
        }
        return exitValue();
    }

    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        long deadline = System.nanoTime() + unit.toNanos(timeout);
        while (!hasEnded()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            awaitEnd(Math.min(SLICE, TimeUnit.NANOSECONDS.toMillis(left) + 1));
        }
        return true;
    }

    /** The descriptor stays open while somebody waits for it: its number may be somebody else's after that. */
    private void awaitEnd(long millis) {
        synchronized (this) {
            if (ended) {
                return;
            }
            waiting++;
        }
        try (Scratch scratch = Scratch.of(libc, 64)) {
            long descriptor = scratch.room(Long.BYTES);
            scratch.putInt(descriptor, handle);
            scratch.putShort(descriptor + Integer.BYTES, (short) READABLE);
            libc.poll(descriptor, 1, millis);
        } finally {
            synchronized (this) {
                waiting--;
                closeUnused();
            }
        }
    }

    private synchronized boolean hasEnded() {
        if (!ended) {
            try (Scratch scratch = Scratch.of(libc, 64)) {
                long status = scratch.room(Long.BYTES);
                if (libc.waitpid(pid, status, NO_HANG) == pid) {
                    int word = scratch.intAt(status);
                    int signal = word & 0x7f;
                    exitStatus = signal == 0 ? word >> 8 & 0xff : 128 + signal;
                    ended = true;
                    closeUnused();
                }
            }
        }
        return ended;
    }

    private void closeUnused() {
        if (ended && waiting == 0) {
            libc.close(handle);
        }
    }

    @Override
    public int exitValue() {
        if (!hasEnded()) {
            throw new IllegalThreadStateException("process has not exited");
        }
        return exitStatus;
    }

    @Override
    public boolean isAlive() {
        return !hasEnded();
    }

    /** Only while its id is certainly its own. */
    private synchronized void signal(int signal) {
        if (!hasEnded()) {
            libc.kill(pid, signal);
        }
    }

    @Override
    public void destroy() {
        signal(TERMINATE);
    }

    /** Whoever kills need not wait for the end. */
    @Override
    public synchronized Process destroyForcibly() {
        signal(KILL);
        if (!ended && !reaped) {
            reaped = true;
            Thread reaper = new Thread(this::reap, "caravan-reaper");
            reaper.setDaemon(true);
            reaper.start();
        }
        return this;
    }

    private void reap() {
        while (!hasEnded()) {
            awaitEnd(SLICE);
        }
    }

    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    @Override
    public Stream<ProcessHandle> children() {
        return ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children);
    }

    @Override
    public Stream<ProcessHandle> descendants() {
        return ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants);
    }
}
