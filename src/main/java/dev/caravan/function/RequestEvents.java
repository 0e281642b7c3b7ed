package dev.caravan.function;

import java.time.Duration;

/** What the HTTP edge answered besides calls of functions, for whoever counts it. Must not block or throw. */
@FunctionalInterface
public interface RequestEvents {

    /**
     * A request of a known path was answered to its end.
     *
     * @param method as the client sent it
     * @param path the route's, without the names in it: {@code /system/function}
     */
    void answered(String method, String path, int status, Duration took);
}
