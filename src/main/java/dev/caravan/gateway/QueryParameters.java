package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;

/** What stands behind the question mark, decoded: of a key that is there several times, the last value counts. */
final class QueryParameters {

    private final Map<String, String> values = new HashMap<>();

    private QueryParameters(String query) {
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            values.put(decoded(name), equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
    }

    /** Of the request as it came: a header of the same name is not taken for a parameter. */
    static QueryParameters of(Exchange exchange) {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        String query = head == null ? null : head.query();
        return new QueryParameters(query == null ? "" : query);
    }

    /** Empty when it is absent or {@code ""}. */
    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).filter(text -> !text.isEmpty());
    }

    /** @throws HttpFailure 400 when there is a parameter of another name */
    void only(List<String> names) {
        values.keySet().stream()
                .filter(name -> !name.isEmpty() && !names.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new HttpFailure(
                            400, "there is no query parameter of that name: use " + String.join(", ", names));
                });
    }

    /** @throws HttpFailure 400 when it is there and no whole number */
    int wholeNumber(String name, int otherwise) {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return Integer.parseInt(text.get().strip());
        } catch (NumberFormatException e) {
            throw refused(name, "must be a whole number", text.get());
        }
    }

    /**
     * A time as of RFC 3339, in any zone.
     *
     * @throws HttpFailure 400 when it is there and none
     */
    Optional<Instant> time(String name) {
        return text(name).map(text -> {
            try {
                // A plus sign that was not encoded has become a space.
                return OffsetDateTime.parse(text.replace(' ', '+').toUpperCase(Locale.ROOT))
                        .toInstant();
            } catch (DateTimeParseException e) {
                throw refused(name, "must be a time as of RFC 3339, e.g. 2026-01-31T12:00:00Z", text);
            }
        });
    }

    /** As Go reads it, for Go's clients: {@code 1 t T true True TRUE} are true, all else is false. */
    boolean flag(String name) {
        return text(name).map(text -> text.matches("1|t|T|true|True|TRUE")).orElse(false);
    }

    static HttpFailure refused(String name, String expected, String found) {
        String shown = found.length() <= 80 ? found : found.substring(0, 80) + "…";
        return new HttpFailure(400, "query parameter \"" + name + "\" " + expected + ", got \"" + shown + "\"");
    }

    static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a stray percent sign: it means itself
        }
    }
}
