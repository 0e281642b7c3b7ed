package dev.caravan.component.routes;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** What became of an attempt to save a route. */
public sealed interface RouteEdit {

    /** Reads whichever it is. */
    <T> T fold(
            Function<RouteSource, T> saved,
            Function<List<RouteProblem>, T> refused,
            Supplier<T> stale,
            Function<String, T> readOnly);

    /** It stands on disk and runs. */
    record Saved(RouteSource source) implements RouteEdit {
        @Override
        public <T> T fold(
                Function<RouteSource, T> saved,
                Function<List<RouteProblem>, T> refused,
                Supplier<T> stale,
                Function<String, T> readOnly) {
            return saved.apply(source);
        }
    }

    /** It would not run; file and route are as they were. */
    record Refused(List<RouteProblem> problems) implements RouteEdit {

        public Refused {
            problems = List.copyOf(problems);
        }

        @Override
        public <T> T fold(
                Function<RouteSource, T> saved,
                Function<List<RouteProblem>, T> refused,
                Supplier<T> stale,
                Function<String, T> readOnly) {
            return refused.apply(problems);
        }
    }

    /** Somebody else has changed the file since it was read. */
    record Stale() implements RouteEdit {
        @Override
        public <T> T fold(
                Function<RouteSource, T> saved,
                Function<List<RouteProblem>, T> refused,
                Supplier<T> stale,
                Function<String, T> readOnly) {
            return stale.get();
        }
    }

    /** The file cannot be written; {@code why} in one line. */
    record ReadOnly(String why) implements RouteEdit {
        @Override
        public <T> T fold(
                Function<RouteSource, T> saved,
                Function<List<RouteProblem>, T> refused,
                Supplier<T> stale,
                Function<String, T> readOnly) {
            return readOnly.apply(why);
        }
    }
}
