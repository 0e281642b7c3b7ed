package dev.caravan.architecture.broken.watchdog;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Needs a library where only the JDK is. */
public final class Outrider {

    public Logger logger() {
        return LoggerFactory.getLogger(Outrider.class);
    }
}
