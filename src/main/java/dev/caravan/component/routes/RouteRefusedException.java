package dev.caravan.component.routes;

/** A route file cannot run. What runs already is as it was before the attempt. */
final class RouteRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient RouteProblem problem;

    RouteRefusedException(RouteProblem problem) {
        super(problem.toString());
        this.problem = problem;
    }

    RouteRefusedException(RouteProblem problem, Throwable cause) {
        super(problem.toString(), cause);
        this.problem = problem;
    }

    RouteProblem problem() {
        return problem;
    }
}
