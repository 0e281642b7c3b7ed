package dev.caravan.watchdog;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/** The program that gives a command a session of its own and replaces itself by it, where Java cannot. */
final class Setsid {

    /**
     * To be put before a command; empty where there is no such program. BusyBox goes first: as a rule it is one static
     * program, which is there in half the time of one that loads the C library.
     */
    static final List<String> WORDS = find();

    private Setsid() {}

    private static List<String> find() {
        String path = BaseEnvironment.inherited().getOrDefault("PATH", "");
        return Executables.find("busybox", path, Path.of("/"))
                .map(Path::toString)
                .filter(Setsid::works)
                .map(busybox -> List.of(busybox, "setsid"))
                .or(() -> Executables.find("setsid", path, Path.of("/")).map(setsid -> List.of(setsid.toString())))
                .orElse(List.of());
    }

    /** A BusyBox may be built without it. */
    private static boolean works(String busybox) {
        try {
            return new ProcessBuilder(busybox, "setsid", busybox, "true")
                            .redirectErrorStream(true)
                            .redirectOutput(Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
