package dev.caravan.watchdog;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Signals whole process groups, which the JDK cannot and the shell can. */
public final class GroupSignal {

    private GroupSignal() {}

    /** SIGTERM to every member. A group that is gone is no error. */
    public static void terminate(long group) throws IOException {
        send("TERM", group);
    }

    /** SIGKILL to every member. A group that is gone is no error. */
    public static void kill(long group) throws IOException {
        send("KILL", group);
    }

    private static void send(String signal, long group) throws IOException {
        Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -s " + signal + " -- -" + group)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            kill.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
