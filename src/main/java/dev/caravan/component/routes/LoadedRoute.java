package dev.caravan.component.routes;

import java.util.List;

/**
 * One route that is loaded, as the console and the API show it.
 *
 * @param id the id written in the file
 * @param internalId the id Camel knows this version by: {@code id} for the first, {@code id@2} for the second
 * @param file path below the routes folder, with slashes
 * @param state Camel's word in lower case: {@code started}, {@code stopped}, {@code suspended}
 * @param from the trigger's URI, without secrets
 * @param to the URIs the route sends to, without secrets, in the order of the file
 * @param exchanges finished since the start of this process, all versions together, failed ones included
 * @param failures how many of them ended with an exception nobody handled
 * @param meanMillis mean age of an exchange when it leaves the route; 0 before the first
 */
public record LoadedRoute(
        String id,
        String internalId,
        String description,
        String file,
        String state,
        String from,
        List<String> to,
        long exchanges,
        long failures,
        double meanMillis) {

    public LoadedRoute {
        to = List.copyOf(to);
    }
}
