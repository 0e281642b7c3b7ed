package dev.caravan;

import dev.caravan.cli.CommandLine;
import dev.caravan.config.Settings;
import dev.caravan.config.SettingsException;
import dev.caravan.telemetry.Logging;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The program: starts a {@link Caravan} from the environment, says where it is, and stops it when asked to. With arguments
 * it is an operator's command line instead, and starts nothing.
 */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length > 0) {
            System.exit(new CommandLine(System.getenv(), System.in, System.out, System.err).run(List.of(arguments)));
        }
        serve();
    }

    private static void serve() throws InterruptedException {
        try {
            Settings settings = Settings.from(System.getenv());
            Logging.setUp(settings.log());
            long begun = System.nanoTime();
            Caravan caravan = Caravan.start(settings, System.getenv());
            var stopped = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                caravan.close();
                                stopped.countDown();
                            },
                            "stop"));
            banner(System.out, caravan, settings, (System.nanoTime() - begun) / 1_000_000);
            stopped.await();
        } catch (SettingsException e) {
            System.err.println("caravan cannot start: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void banner(PrintStream out, Caravan caravan, Settings settings, long millis) {
        String host = "http://" + settings.gateway().host() + ":";
        out.printf(
                """

                Caravan %s is up (%d ms)
                  call      %s%d/function/NAME or /async-function/NAME
                  sign in   %s
                  metrics   %s%d/metrics
                  data      %s
                  provider  %s
                Ctrl-C stops it.

                """,
                caravan.version(),
                millis,
                host,
                caravan.port(),
                caravan.signIn(),
                host,
                caravan.managementPort(),
                settings.data().folder(),
                caravan.provider());
    }
}
