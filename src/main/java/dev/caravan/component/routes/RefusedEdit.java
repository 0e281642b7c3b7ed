package dev.caravan.component.routes;

import java.time.Instant;

/**
 * A file whose present text does not run. It is forgotten when the file is good again or gone.
 *
 * @param since when this text was refused
 * @param lastGoodRuns whether an earlier version of the file is still running
 */
public record RefusedEdit(
        String file, int line, int column, String reason, String suggestion, Instant since, boolean lastGoodRuns) {

    static RefusedEdit of(RouteProblem problem, Instant since, boolean lastGoodRuns) {
        return new RefusedEdit(
                problem.file(),
                problem.line(),
                problem.column(),
                problem.message(),
                problem.suggestion(),
                since,
                lastGoodRuns);
    }
}
