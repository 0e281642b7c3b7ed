package dev.caravan.build;

import dev.caravan.provider.ImageBuilder;

/**
 * A file of a function's source.
 *
 * @param name relative, with slashes, without {@code .} and {@code ..}
 * @param executable whether it may be run
 */
record SourceFile(String name, boolean executable, byte[] content) {

    SourceFile below(String folder) {
        return new SourceFile(folder + "/" + name, executable, content);
    }

    ImageBuilder.ContextFile inContext() {
        return new ImageBuilder.ContextFile(name, executable, content);
    }
}
