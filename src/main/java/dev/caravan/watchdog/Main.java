package dev.caravan.watchdog;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;

/**
 * The watchdog as a program of its own: the first process of a function's container.
 *
 * <p>{@code -version} says the version; {@code -run-healthcheck} succeeds when the lock file is there. Otherwise it serves
 * until SIGTERM. What stops its start is said in one line.
 */
public final class Main {

    /** How the JDK makes a process; by default with a helper program in between, which doubles the cost. */
    private static final String LAUNCH = "jdk.lang.Process.launchMechanism";

    private Main() {}

    public static void main(String[] args) {
        Map<String, String> environment = System.getenv();
        String option = args.length == 0 ? "" : args[0].replaceFirst("^--", "-");
        switch (option) {
            case "" -> serve(environment);
            case "-version" -> System.out.println(version());
            case "-run-healthcheck" -> System.exit(LockFile.of(environment).exists() ? 0 : 1);
            default -> {
                System.err.println("watchdog: unknown option " + args[0] + "; there are -version and -run-healthcheck");
                System.exit(2);
            }
        }
    }

    private static void serve(Map<String, String> environment) {
        if (Runtime.version().feature() < 22 && System.getProperty(LAUNCH) == null) {
            System.setProperty(LAUNCH, "VFORK"); // read with the first process; newer JDKs are not asked for one
        }
        Clock clock = Clock.systemDefaultZone();
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), false, StandardCharsets.UTF_8);
        FunctionLog log = new StampedLog(err, clock);
        try {
            Standalone watchdog = new Standalone(
                    environment,
                    log,
                    clock.millis() / 1e3,
                    // Not exit, which would drain calls that nobody is left to answer.
                    status -> Runtime.getRuntime().halt(1));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(watchdog), "caravan-stop"));
            watchdog.start(version());
            Thread.currentThread().join(); // all other threads are daemons
        } catch (IllegalArgumentException | IOException e) {
            log.line("cannot start: " + e.getMessage());
            Runtime.getRuntime().halt(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stop(Standalone watchdog) {
        try {
            watchdog.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(0); // asked for, so no failure
        }
    }

    /** Of the module in an image, of the manifest in a jar. */
    private static String version() {
        var module = Main.class.getModule().getDescriptor();
        String version = Main.class.getPackage().getImplementationVersion();
        return module != null ? module.rawVersion().orElse("unknown") : version == null ? "unknown" : version;
    }
}
