package dev.caravan.cli;

import static dev.caravan.cli.Param.flag;
import static dev.caravan.cli.Param.query;

import dev.caravan.cli.Param.Kind;
import dev.caravan.cli.Param.Place;

/** Parameters that verbs of several nouns take. */
final class CommonParams {

    static final Param WORDS = new Param(
            "WORDS", Place.QUERY, Kind.WORDS, "q", "what the console's search box takes: fn:hello http:5xx …");
    static final Param LIMIT =
            new Param("--limit", Place.QUERY, Kind.NUMBER, "limit", "how many; 50 when it is not said");
    static final Param CURSOR = query("--cursor", "cursor", "where the page before ended");
    static final Param SINCE = query("--since", "since", "then or later, as 2026-01-31T12:00:00Z");
    static final Param UNTIL = query("--until", "until", "before then");
    static final Param NAMESPACE = query("--namespace", "namespace", "of that namespace");
    static final Param OF_FUNCTION = query("--function", "function", "only this function's");
    static final Param REASON = new Param("--reason", Place.REASON, Kind.TEXT, "X-Reason", "why, for the audit");
    static final Param YES = flag("--yes", Place.HERE, "", "without being asked");

    private CommonParams() {}
}
