package dev.caravan.component;

import io.vertx.core.MultiMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request without its body, exactly as the client sent it.
 *
 * @param path raw, percent-encoded
 * @param query raw, without the question mark; null when there was none
 * @param headers all of them, order and repetitions kept; not to be changed
 * @param remoteAddress {@code ip:port} of the direct peer
 * @param scheme {@code http} or {@code https}
 * @param host the {@code Host} header; null when there was none
 * @param hints takes early hints for the client; null when it understands none. On the request's event loop or any other
 *     thread
 * @param trailers what comes after the body; null when nothing was announced
 * @param parameters the path parameters of the matched template, percent-decoded once
 */
public record RequestHead(
        String method,
        String path,
        @Nullable String query,
        MultiMap headers,
        String remoteAddress,
        String scheme,
        @Nullable String host,
        @Nullable Consumer<MultiMap> hints,
        @Nullable RequestTrailers trailers,
        Map<String, String> parameters) {

    /**
     * Whether the client asks to leave HTTP for another protocol on this connection, WebSocket for one (RFC 9110 section
     * 7.8). Not for HTTP/2: that would be between the client and Caravan, which speaks HTTP/1.1 only.
     */
    boolean upgrade() {
        String protocol = headers.get("upgrade");
        return protocol != null
                && method.equals("GET")
                && !protocol.equalsIgnoreCase("h2c")
                && HeaderRules.listsToken(headers.getAll("connection"), "upgrade");
    }
}
