package dev.caravan.component;

import io.vertx.core.MultiMap;
import java.util.Map;
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
        Map<String, String> parameters) {}
