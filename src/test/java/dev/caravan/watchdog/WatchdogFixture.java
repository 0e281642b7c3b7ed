package dev.caravan.watchdog;

import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** A watchdog on a free port, its log and its function's folder. */
final class WatchdogFixture implements AutoCloseable {

    final List<String> log = new CopyOnWriteArrayList<>();
    final List<Integer> ended = new CopyOnWriteArrayList<>();
    final AtomicBoolean healthy = new AtomicBoolean(true);
    final Metrics metrics = new Metrics(0);
    private final Path folder;
    private final Watchdog watchdog;
    private final int port;

    /** @param settings as variables, in pairs */
    WatchdogFixture(Path folder, String mode, String command, String... settings) throws IOException {
        this.folder = folder;
        Map<String, String> environment = BaseEnvironment.inherited();
        environment.put("mode", mode);
        environment.put("fprocess", command);
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        watchdog = new Watchdog(environment, Place.in(folder), log::add, healthy::get, metrics, ended::add);
        port = URI.create(watchdog.start(0).toString()).getPort();
    }

    Watchdog watchdog() {
        return watchdog;
    }

    int port() {
        return port;
    }

    RawClient client() throws IOException {
        return new RawClient(port);
    }

    HttpMessage get(String target, String... headers) throws IOException {
        return RawClient.get(port, target, headers);
    }

    HttpMessage post(String target, String body, String... headers) throws IOException {
        return RawClient.post(port, target, body, headers);
    }

    boolean hasFile(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.exists(file) && !Files.readString(file).isBlank();
    }

    /** The id that a script wrote into a file. */
    long pid(String name) throws IOException {
        return Long.parseLong(Files.readString(folder.resolve(name)).strip());
    }

    static String script(Path folder, String text) throws IOException {
        Files.writeString(folder.resolve("function.sh"), text);
        return "sh function.sh";
    }

    @Override
    public void close() {
        watchdog.close();
    }
}
