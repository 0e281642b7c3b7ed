package dev.caravan.provider;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Makes container images, for a provider that runs them. */
public interface ImageBuilder {

    /**
     * A file of what an image is built of.
     *
     * @param name relative, with slashes
     */
    record ContextFile(String name, boolean executable, byte[] content) {}

    /**
     * Builds an image; blocks until it is there.
     *
     * @param image its name and tag
     * @param arguments of the build ({@code ARG})
     * @param context a {@code Dockerfile} among them
     * @param log told what the engine says, line by line, as it says it
     * @throws ProviderException {@code INVALID} when the build fails, in one line that says why; {@code UNAVAILABLE} when
     *     the engine does not answer or takes too long
     */
    void build(String image, Map<String, String> arguments, List<ContextFile> context, Consumer<String> log);

    /** Names and tags of all that was built here and is still there. */
    List<String> built();

    /** Removes an image, unless a container is made of it; harmless when it is gone. */
    void remove(String image);
}
