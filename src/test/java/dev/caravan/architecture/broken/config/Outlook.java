package dev.caravan.architecture.broken.config;

import dev.caravan.architecture.broken.function.Outsider;

/** Knows a room that it must not know. */
public final class Outlook {

    public Outsider outsider() {
        return new Outsider();
    }
}
