package dev.caravan.function;

import org.jspecify.annotations.Nullable;

/** What a replica may use or asks for, as quantities in the provider's own notation, e.g. {@code 64Mi}, {@code 100m}. */
public record Resources(@Nullable String memory, @Nullable String cpu) {}
