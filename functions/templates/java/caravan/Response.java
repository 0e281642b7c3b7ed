package caravan;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** An answer. */
public record Response(int status, Map<String, String> headers, byte[] body) {

    public static Response text(String text) {
        return of("text/plain; charset=utf-8", text);
    }

    public static Response json(String json) {
        return of("application/json", json);
    }

    public static Response of(String contentType, String text) {
        return new Response(200, Map.of("Content-Type", contentType), text.getBytes(StandardCharsets.UTF_8));
    }

    public Response withStatus(int other) {
        return new Response(other, headers, body);
    }

    public Response withHeader(String name, String value) {
        Map<String, String> more = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        more.putAll(headers);
        more.put(name, value);
        return new Response(status, more, body);
    }
}
