package dev.caravan.telemetry;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * One thing that must be well before this node should get traffic.
 *
 * @param name a word, e.g. {@code broker}
 * @param problem empty when all is well, else one line saying what is not; may block for a second or so
 */
public record Check(String name, Supplier<Optional<String>> problem) {}
