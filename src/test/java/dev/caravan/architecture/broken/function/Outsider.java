package dev.caravan.architecture.broken.function;

import dev.caravan.architecture.broken.config.Outlook;

/** Knows a room that it must not know, which also closes a circle. */
public final class Outsider {

    public Outlook outlook() {
        return new Outlook();
    }
}
