package dev.caravan.component.routes;

import java.util.List;

/**
 * One step of a running route, with those inside it.
 *
 * @param id what Camel calls it; empty when it has no name
 * @param kind the step's word in YAML: {@code to}, {@code choice}, {@code when}
 * @param label what it does, for a person: an address without secrets, a bean, a condition; empty when the kind says all
 * @param exchanges how many messages have come to it since this version of the route was loaded; -1 when that is not
 *     counted, as for a branch, whose first step says it
 * @param failures how many of them it ended with an exception
 */
public record RouteStep(String id, String kind, String label, long exchanges, long failures, List<RouteStep> children) {

    public RouteStep {
        children = List.copyOf(children);
    }
}
