package dev.caravan.routes;

import java.util.Set;

/** The beans that the composition root gives to the routes. A name in a route that is not here is a slip. */
final class RouteBeans {

    static final Set<String> NAMES = Set.of();

    private RouteBeans() {}
}
