package dev.caravan.provider.engine;

import dev.caravan.function.FunctionName;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A container or service of ours as the engine told of it last. */
public interface Seen {

    Revision revision();

    /** Whether it is on its way out. */
    boolean retires();

    /** What belongs to each function. */
    static <S extends Seen> Map<FunctionName, List<S>> byFunction(List<S> all) {
        return all.stream()
                .collect(Collectors.groupingBy(seen -> seen.revision().function()));
    }

    /** The newest revision; empty when all is on its way out. */
    static Optional<Revision> newest(List<? extends Seen> all) {
        return all.stream()
                .filter(seen -> !seen.retires())
                .map(Seen::revision)
                .max(Comparator.comparing(Revision::number));
    }
}
