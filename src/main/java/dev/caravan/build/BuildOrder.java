package dev.caravan.build;

import dev.caravan.function.BuiltFunction;
import dev.caravan.function.FunctionName;
import dev.caravan.function.Resources;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to have built.
 *
 * @param built its language, path and methods
 * @param source a gzipped tar of the user's part
 * @param limits what a replica may use at most; null for what it may use now, or anything
 */
public record BuildOrder(
        FunctionName function,
        BuiltFunction built,
        byte[] source,
        @Nullable Resources limits) {}
