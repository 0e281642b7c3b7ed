package dev.caravan.watchdog;

/**
 * Takes what a function writes beside its answers, line by line.
 *
 * <p>Lines are bounded ({@value OutputLines#MAX_LENGTH} characters) and come from any thread; a slow log slows the
 * function down.
 */
@FunctionalInterface
public interface FunctionLog {

    void line(String text);
}
