package dev.caravan.component.routes;

/** One route file as it stands on disk: its path below the routes folder, with slashes, and its text. */
record RouteText(String file, String text) {}
