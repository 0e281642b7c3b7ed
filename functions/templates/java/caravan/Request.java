package caravan;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request.
 *
 * @param path as it was sent
 * @param query as it was sent; empty when there is none
 * @param headers by name, whatever its case
 */
public record Request(String method, String path, String query, Map<String, List<String>> headers, byte[] body) {

    /** A header's first value. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name)).map(values -> values.get(0));
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
