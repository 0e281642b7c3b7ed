package dev.caravan.watchdog;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Array;
import java.nio.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The C library's calls that make a process and wait for its end, called by {@code java.lang.foreign}.
 *
 * <p>That package came with Java 22 and these sources are for 17, so it is reached by its names. Nothing here is of its
 * types: an address is a {@code long}, which every C compiler for these machines passes as a pointer, and memory is a
 * direct buffer.
 */
final class Libc {

    private static final int FOREIGN = 22; // java.lang.foreign is no preview from here on
    private static final Set<String> MACHINES = Set.of("amd64", "aarch64");
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Makes them once, when the first process is needed: it takes a tenth of a second. */
    private static final class Holder {
        private static final Optional<Libc> FOUND = load();
    }

    private final MethodHandle addressOf;
    private final MethodHandle pipe2;
    private final MethodHandle close;
    private final MethodHandle kill;
    private final MethodHandle waitpid;
    private final MethodHandle pidfdOpen;
    private final MethodHandle poll;
    private final MethodHandle spawn;
    private final MethodHandle actionsInit;
    private final MethodHandle actionsDup2;
    private final MethodHandle actionsCloseFrom;
    private final MethodHandle actionsChdir;
    private final MethodHandle actionsDestroy;
    private final MethodHandle attributesInit;
    private final MethodHandle attributesFlags;
    private final MethodHandle attributesDestroy;

    private Libc(Binder binder) throws ReflectiveOperationException {
        addressOf = binder.addressOf();
        pipe2 = binder.bind("pipe2", 2);
        close = binder.bind("close", 1);
        kill = binder.bind("kill", 2);
        waitpid = binder.bind("waitpid", 3);
        pidfdOpen = binder.bind("pidfd_open", 2); // glibc 2.36
        poll = binder.bind("poll", 3);
        spawn = binder.bind("posix_spawn", 6);
        actionsInit = binder.bind("posix_spawn_file_actions_init", 1);
        actionsDup2 = binder.bind("posix_spawn_file_actions_adddup2", 3);
        actionsCloseFrom = binder.bind("posix_spawn_file_actions_addclosefrom_np", 2); // glibc 2.34
        actionsChdir = binder.bind("posix_spawn_file_actions_addchdir_np", 2);
        actionsDestroy = binder.bind("posix_spawn_file_actions_destroy", 1);
        attributesInit = binder.bind("posix_spawnattr_init", 1);
        attributesFlags = binder.bind("posix_spawnattr_setflags", 2);
        attributesDestroy = binder.bind("posix_spawnattr_destroy", 1);
    }

    /** Empty where it cannot be: an older Java or C library, another system, or a Java that was not told to allow it. */
    static Optional<Libc> find() {
        return Holder.FOUND;
    }

    private static Optional<Libc> load() {
        if (Runtime.version().feature() < FOREIGN
                || !System.getProperty("os.name", "").equals("Linux")
                || !MACHINES.contains(System.getProperty("os.arch", "").toLowerCase(Locale.ROOT))
                || !Files.isDirectory(DESCRIPTORS)) {
            return Optional.empty();
        }
        try {
            // Without leave it would work as well, but with a warning on the function's log.
            boolean allowed =
                    (boolean) Module.class.getMethod("isNativeAccessEnabled").invoke(Libc.class.getModule());
            if (!allowed) {
                return Optional.empty();
            }
            Libc libc = new Libc(new Binder());
            int self = libc.pidfdOpen(ProcessHandle.current().pid());
            if (self < 0) {
                return Optional.empty(); // an older kernel, or a container that forbids it
            }
            libc.close(self);
            return Optional.of(libc);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty(); // a call that this C library does not have
        }
    }

    /** Of a direct buffer's memory. */
    long address(Buffer buffer) {
        try {
            return (long) addressOf.invokeExact(buffer);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** @param ends where two descriptors are written, the one to read from first */
    int pipe2(long ends, long flags) {
        return call(pipe2, ends, flags);
    }

    int close(long descriptor) {
        return call(close, descriptor);
    }

    int kill(long process, long signal) {
        return call(kill, process, signal);
    }

    int waitpid(long process, long status, long options) {
        return call(waitpid, process, status, options);
    }

    int pidfdOpen(long process) {
        return call(pidfdOpen, process, 0);
    }

    int poll(long descriptors, long count, long millis) {
        return call(poll, descriptors, count, millis);
    }

    int spawn(long process, long path, long actions, long attributes, long words, long environment) {
        try {
            return (int) spawn.invokeExact(process, path, actions, attributes, words, environment);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    int actionsInit(long actions) {
        return call(actionsInit, actions);
    }

    int actionsDup2(long actions, long descriptor, long as) {
        return call(actionsDup2, actions, descriptor, as);
    }

    int actionsCloseFrom(long actions, long descriptor) {
        return call(actionsCloseFrom, actions, descriptor);
    }

    int actionsChdir(long actions, long path) {
        return call(actionsChdir, actions, path);
    }

    int actionsDestroy(long actions) {
        return call(actionsDestroy, actions);
    }

    int attributesInit(long attributes) {
        return call(attributesInit, attributes);
    }

    int attributesFlags(long attributes, long flags) {
        return call(attributesFlags, attributes, flags);
    }

    int attributesDestroy(long attributes) {
        return call(attributesDestroy, attributes);
    }

    private static int call(MethodHandle function, long a) {
        try {
            return (int) function.invokeExact(a);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static int call(MethodHandle function, long a, long b) {
        try {
            return (int) function.invokeExact(a, b);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static int call(MethodHandle function, long a, long b, long c) {
        try {
            return (int) function.invokeExact(a, b, c);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static IllegalStateException failed(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("a native call failed", e);
    }

    /** Turns names into calls: {@code int name(long, …)}. */
    private static final class Binder {

        private final MethodHandles.Lookup lookup = MethodHandles.lookup();
        private final Class<?> segment = foreign("MemorySegment");
        private final Class<?> layout = foreign("MemoryLayout");
        private final Class<?> descriptor = foreign("FunctionDescriptor");
        private final Class<?> option = foreign("Linker$Option");
        private final Class<?> linkerType = foreign("Linker");
        private final Object linker = linkerType.getMethod("nativeLinker").invoke(null);
        private final Object symbols = linkerType.getMethod("defaultLookup").invoke(linker);

        Binder() throws ReflectiveOperationException {}

        MethodHandle bind(String name, int arguments) throws ReflectiveOperationException {
            Optional<?> symbol = (Optional<?>)
                    foreign("SymbolLookup").getMethod("find", String.class).invoke(symbols, name);
            if (symbol.isEmpty()) {
                throw new NoSuchMethodException(name);
            }
            Object longs = Array.newInstance(layout, arguments);
            for (int i = 0; i < arguments; i++) {
                Array.set(longs, i, value("JAVA_LONG"));
            }
            Object type = descriptor.getMethod("of", layout, longs.getClass()).invoke(null, value("JAVA_INT"), longs);
            Object options = Array.newInstance(option, 0);
            return (MethodHandle) linkerType
                    .getMethod("downcallHandle", segment, descriptor, options.getClass())
                    .invoke(linker, symbol.get(), type, options);
        }

        /** {@code long addressOf(Buffer)}. */
        MethodHandle addressOf() throws ReflectiveOperationException {
            MethodHandle ofBuffer = lookup.unreflect(segment.getMethod("ofBuffer", Buffer.class));
            return MethodHandles.filterReturnValue(ofBuffer, lookup.unreflect(segment.getMethod("address")));
        }

        private static Object value(String name) throws ReflectiveOperationException {
            return foreign("ValueLayout").getField(name).get(null);
        }

        private static Class<?> foreign(String name) throws ClassNotFoundException {
            return Class.forName("java.lang.foreign." + name);
        }
    }
}
