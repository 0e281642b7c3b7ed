package dev.caravan.provider;

import dev.caravan.function.FunctionName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where functions that were built here stand when they are processes: {@code NAMESPACE/NAME/REVISION} in one folder. Their
 * deployments' image says which, as {@code caravan-built/NAMESPACE.NAME:REVISION}.
 */
public record BuiltFolders(Path root) {

    private static final Pattern IMAGE =
            Pattern.compile("caravan-built/([a-z0-9-]{1,63})\\.([a-z0-9-]{1,63}):([a-z0-9]{1,40})");

    /** The image of a revision. */
    public static String image(FunctionName function, String revision) {
        return "caravan-built/" + function.namespace() + "." + function.name() + ":" + revision;
    }

    /** Where it stands, or would; empty for an image that was not built here. */
    public Optional<Path> folder(String image) {
        Matcher parts = IMAGE.matcher(image);
        return parts.matches()
                ? Optional.of(
                        root.resolve(parts.group(1)).resolve(parts.group(2)).resolve(parts.group(3)))
                : Optional.empty();
    }

    /** All that are there. */
    public List<String> images() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.find(root, 3, (each, attributes) -> attributes.isDirectory())) {
            return folders.map(root::relativize)
                    .filter(path -> path.getNameCount() == 3)
                    .map(path -> "caravan-built/" + path.getName(0) + "." + path.getName(1) + ":" + path.getName(2))
                    .filter(image -> IMAGE.matcher(image).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new ProviderException(
                    ProviderException.Code.UNAVAILABLE, "cannot read what was built: " + e.getMessage(), e);
        }
    }

    /** Removes the folders above one that is gone, up to the first that holds something else. */
    public void removeEmpty(Path gone) throws IOException {
        for (Path above = gone.getParent(); above != null && above.startsWith(root); above = above.getParent()) {
            try (Stream<Path> left = Files.list(above)) {
                if (left.findAny().isPresent()) {
                    return;
                }
            }
            Files.delete(above);
        }
    }
}
