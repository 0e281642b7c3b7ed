package dev.caravan.watchdog;

/**
 * Takes what a function writes beside its answers, line by line, and what its watchdog says.
 *
 * <p>Lines are bounded and come from any thread; a slow log slows the function down.
 */
@FunctionalInterface
public interface FunctionLog {

    void line(String text);

    /** A function's own line, to be shown as it is: without what a log puts before its lines. */
    default void bare(String text) {
        line(text);
    }
}
