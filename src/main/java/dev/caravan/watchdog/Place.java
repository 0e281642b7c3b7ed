package dev.caravan.watchdog;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a function's processes run.
 *
 * @param directory in which they start
 * @param entrance what leads there
 */
public record Place(Path directory, Entrance entrance) {

    /** Leads a process to where it runs, such as into a mount namespace. */
    @FunctionalInterface
    public interface Entrance {

        /**
         * The words before the function's command, of a program that becomes that command without a fork, so that its
         * process stays the one that was started. None when there is nothing to enter.
         *
         * @throws IOException when it cannot be entered now; the message is one readable line
         */
        List<String> command() throws IOException;
    }

    /** A directory that a process just starts in. */
    public static Place in(Path directory) {
        return new Place(directory, List::of);
    }
}
