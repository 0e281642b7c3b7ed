package dev.caravan.watchdog;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as environment variables (contract section 6.2). */
final class CgiEnvironment {

    private CgiEnvironment() {}

    /** Only the first value of a header counts; what the environment cannot hold (a NUL) is left out. */
    static Map<String, String> of(HttpExchange exchange) {
        Map<String, String> variables = new HashMap<>();
        Headers headers = exchange.getRequestHeaders();
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            String name = header.getKey();
            if (!header.getValue().isEmpty()) {
                put(
                        variables,
                        "Http_" + canonical(name).replace('-', '_'),
                        header.getValue().get(0));
            }
        }
        // After the headers: one called "Path" must not pass for the request's path.
        String length = contentLength(headers);
        put(variables, "Http_Method", exchange.getRequestMethod());
        put(variables, "Http_Path", path(exchange));
        put(variables, "Http_ContentLength", length);
        put(variables, "Http_Content_Length", length);
        variables.remove("Http_Query");
        put(variables, "Http_Query", exchange.getRequestURI().getRawQuery());
        return variables;
    }

    private static String path(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        return path == null || path.isEmpty() ? "/" : path;
    }

    private static String contentLength(Headers headers) {
        String length = headers.getFirst("Content-Length");
        return headers.containsKey("Transfer-Encoding") ? "-1" : length == null ? "0" : length;
    }

    /** {@code x-call-id} as Go writes it: {@code X-Call-Id}. */
    private static String canonical(String name) {
        StringBuilder canonical = new StringBuilder(name.toLowerCase(Locale.ROOT));
        boolean first = true;
        for (int i = 0; i < canonical.length(); i++) {
            if (first) {
                canonical.setCharAt(i, Character.toUpperCase(canonical.charAt(i)));
            }
            first = canonical.charAt(i) == '-';
        }
        return canonical.toString();
    }

    private static void put(Map<String, String> variables, String name, @Nullable String value) {
        if (value != null && value.indexOf('\0') < 0) {
            variables.put(name, value);
        }
    }
}
