package dev.caravan.watchdog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The file that tells, from inside the container, that the watchdog serves. */
record LockFile(Path path) {

    /** Where OpenFaaS's health checks look for it. */
    static LockFile of(Map<String, String> environment) {
        String folder = environment.getOrDefault("TMPDIR", "");
        return new LockFile(Path.of(folder.isEmpty() ? "/tmp" : folder, ".lock"));
    }

    /** @throws IOException when it cannot be written; the message is one readable line */
    void create() throws IOException {
        try {
            Files.write(path, new byte[0]);
        } catch (IOException e) {
            throw new IOException(
                    "cannot write the lock file " + path + " (" + e + "); make its folder writable, such as by a tmpfs,"
                            + " or set suppress_lock=true and do without /_/health",
                    e);
        }
    }

    boolean exists() {
        return Files.exists(path);
    }

    void delete() throws IOException {
        Files.deleteIfExists(path);
    }
}
