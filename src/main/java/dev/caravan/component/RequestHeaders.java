package dev.caravan.component;

import io.vertx.core.MultiMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Adds the headers of a request to a function. */
interface RequestHeaders extends Consumer<MultiMap> {

    /** What shall follow a streamed body; null for nothing. */
    default @Nullable RequestTrailers trailers() {
        return null;
    }

    /** Whether they ask to leave HTTP for another protocol (RFC 9110 section 7.8). */
    default boolean upgrade() {
        return false;
    }
}
