package dev.caravan.gateway;

import dev.caravan.function.FunctionScope;
import java.util.List;

/** Some lines of {@code /system/stats.txt}. */
@FunctionalInterface
public interface StatLines {

    /**
     * {@code NAME=NUMBER} each, or {@code NAME+=NUMBER} for a number that only grows.
     *
     * @param seen the functions that are there for whoever asks; what cannot be told apart by function is left out unless
     *     these are all
     */
    List<String> of(FunctionScope seen);
}
