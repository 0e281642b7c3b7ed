package dev.caravan;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** What this program was built from, as the launcher told the build. */
final class Commit {

    private Commit() {}

    /** The full hash, with {@code -dirty} behind it when there was more; {@code unknown} for a build outside of Git. */
    static String ofThisBuild() {
        var build = new Properties();
        try (InputStream in = Objects.requireNonNull(Commit.class.getResourceAsStream("/build.properties"))) {
            build.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return build.getProperty("commit", "unknown");
    }
}
