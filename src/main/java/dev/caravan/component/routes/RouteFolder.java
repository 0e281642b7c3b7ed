package dev.caravan.component.routes;

import dev.caravan.provider.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder with the routes, as far as this node runs it: {@code shared} first, then each role, each sorted by path.
 * It is read whole each time: the files are few and small, and neither modification times (coarse on some mounts) nor
 * change events (absent on mounted volumes, confused by editors that replace files) can be trusted alone.
 */
class RouteFolder {

    static final String SUFFIX = ".camel.yaml";
    static final String SHARED = "shared";

    /** What is seen of a file at one moment. Two equal sightings in a row say that nobody is still writing. */
    record Sighting(FileTime modified, long size, String text) {}

    private final Path folder;
    private final List<String> parts;

    RouteFolder(Path folder, List<String> roles) {
        this.folder = folder;
        List<String> all = new ArrayList<>();
        all.add(SHARED);
        roles.stream().filter(role -> !role.equals(SHARED)).forEach(all::add);
        this.parts = List.copyOf(all);
    }

    /**
     * Reads every file, in loading order, keyed by its path below the folder.
     *
     * @throws IOException when the folder itself is away, so that a mount that blinks does not remove every route, or
     *     when a file went away while it was read
     */
    Map<String, Sighting> read() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException("cannot read the routes folder " + folder
                    + ": it is not a directory; set CARAVAN_ROUTES to the one with the routes");
        }
        Map<String, Sighting> found = new LinkedHashMap<>();
        for (String part : parts) {
            Path sub = folder.resolve(part);
            if (!Files.isDirectory(sub)) {
                continue;
            }
            for (Path file : files(sub)) {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                found.put(
                        folder.relativize(file).toString().replace('\\', '/'),
                        new Sighting(attributes.lastModifiedTime(), attributes.size(), text(file)));
            }
        }
        return found;
    }

    /**
     * The text of one file that this node runs, as it is now; empty when it is not there.
     *
     * @param file as {@link #read} keys it
     */
    Optional<String> read(String file) throws IOException {
        return Optional.ofNullable(read().get(file)).map(Sighting::text);
    }

    /** What a file is called, without folder and ending. */
    static String nameOf(String file) {
        return file.substring(file.lastIndexOf('/') + 1).replace(SUFFIX, "");
    }

    /**
     * Looks whether one file may be replaced, without touching it.
     *
     * @throws IOException when it may not
     */
    void requireWritable(String file) throws IOException {
        Path path = folder.resolve(file).toRealPath();
        // The folder alone would do, for a new file that takes its place; whoever made the file so did not want that.
        for (Path needed : List.of(path, path.resolveSibling(""))) {
            if (!Files.isWritable(needed)) {
                throw new AccessDeniedException(needed.toString());
            }
        }
    }

    /**
     * Replaces one file, so that a crash leaves the old or the new text.
     *
     * @throws IOException when it cannot be written; it is as it was then
     */
    void write(String file, String text) throws IOException {
        AtomicFile.write(folder.resolve(file).toRealPath(), text); // a link stays one
    }

    /** A file without permission reads as empty, which is refused as such: it must not stop the others. */
    private static String text(Path file) throws IOException {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (AccessDeniedException e) {
            return "";
        }
    }

    private static List<Path> files(Path sub) throws IOException {
        try (Stream<Path> walk = Files.walk(sub)) {
            return walk.filter(path -> path.getFileName().toString().endsWith(SUFFIX))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
