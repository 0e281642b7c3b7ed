package dev.caravan;

import dev.caravan.config.Settings;
import dev.caravan.config.SettingsException;
import dev.caravan.telemetry.Logging;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

/** The program: starts a {@link Caravan} from the environment, says where it is, and stops it when asked to. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
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
        String url = "http://" + settings.gateway().host() + ":";
        out.printf(
                """

                Caravan %s is up (%d ms)
                  functions  %s%d/function/NAME   /async-function/NAME
                  metrics    %s%d/metrics
                  sign in    %s
                  provider   %s
                  data       %s

                """,
                caravan.version(),
                millis,
                url,
                caravan.port(),
                url,
                caravan.managementPort(),
                caravan.signIn(),
                caravan.provider(),
                settings.data().folder());
    }
}
