package dev.caravan.watchdog;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as environment variables (contract section 6.2). */
final class CgiEnvironment {

    private CgiEnvironment() {}

    /**
     * Only the first value of a header counts; what the environment cannot hold (a NUL) is left out.
     *
     * @param classic whether those are there that only the classic watchdog has: the length under both its names
     */
    static Map<String, String> of(Exchange exchange, boolean classic) {
        Map<String, String> variables = new HashMap<>();
        Headers headers = exchange.headers();
        for (Headers.Field header : headers.fields()) {
            variables.putIfAbsent("Http_" + Headers.canonical(header.name()).replace('-', '_'), header.value());
        }
        // After the headers: one called "Path" must not pass for the request's path.
        if (classic) {
            String length = contentLength(headers);
            variables.put("Http_ContentLength", length);
            variables.put("Http_Content_Length", length);
        }
        variables.put("Http_Method", exchange.method());
        put(variables, "Http_Path", exchange.path());
        put(variables, "Http_Query", exchange.query());
        return variables;
    }

    private static String contentLength(Headers headers) {
        return headers.has("Transfer-Encoding") ? "-1" : headers.first("Content-Length", "0");
    }

    private static void put(Map<String, String> variables, String name, @Nullable String value) {
        if (value != null && value.indexOf('\0') < 0) {
            variables.put(name, value);
        } else {
            variables.remove(name);
        }
    }
}
