package dev.caravan.build;

import dev.caravan.function.FunctionName;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where functions are made, and what was made is kept. */
interface Workshop {

    /**
     * What was made, as a deployment says it.
     *
     * @param image names it
     * @param command null when the image knows
     */
    record Made(String image, @Nullable String command, Map<String, String> environment) {}

    /**
     * Makes a function; blocks until it is made.
     *
     * @param files all of it, the template's and the user's
     * @param log told line by line what happens; by one thread at a time
     * @throws dev.caravan.provider.ProviderException {@code INVALID} when the source is at fault; nothing is left then
     */
    Made make(FunctionName function, String revision, Template template, List<SourceFile> files, Consumer<String> log);

    /** All that was made and is still there, by image. */
    List<String> made();

    /** Removes what was made, unless something still runs of it; harmless when it is gone. */
    void discard(String image);
}
