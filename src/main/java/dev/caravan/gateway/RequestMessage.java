package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.HeaderRules;
import dev.caravan.component.RequestHead;
import dev.caravan.component.RequestTrailers;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request as a Camel message. It remembers what it put there: what is still on the message in the end was not
 * set by the route, and does not leave.
 */
final class RequestMessage {

    private static final int MAX_PARAMETERS = 256;

    private final List<Object> received = new ArrayList<>(24);

    /**
     * @param hints takes early hints for the client; null when it understands none
     * @param rawParameters the template's
     */
    void fill(
            Exchange exchange,
            HttpServerRequest request,
            String path,
            @Nullable String query,
            @Nullable Consumer<MultiMap> hints,
            @Nullable RequestTrailers trailers,
            Map<String, String> rawParameters) {
        MultiMap headers = request.headers();
        Map<String, String> parameters = decoded(rawParameters);
        String host = headers.get("host");
        var head = new RequestHead(
                request.method().name(),
                path,
                query,
                headers,
                remoteAddress(request),
                request.scheme(),
                host,
                hints,
                trailers,
                parameters);
        exchange.setProperty(CaravanHeaders.REQUEST_HEAD, head);

        Message message = exchange.getMessage();
        if (query != null) {
            addQueryParameters(message, query);
        }
        for (Map.Entry<String, String> header : headers) {
            if (HeaderRules.entersMessages(header.getKey())) {
                add(message, header.getKey(), header.getValue());
            }
        }
        parameters.forEach((name, value) -> {
            if (HeaderRules.parameterEntersMessages(name)) {
                put(message, name, value);
            }
        });
        message.setHeader(Exchange.HTTP_METHOD, head.method());
        message.setHeader(Exchange.HTTP_PATH, path);
        message.setHeader(Exchange.HTTP_URI, request.uri());
        message.setHeader(Exchange.HTTP_URL, head.scheme() + "://" + (host == null ? "" : host) + path);
        if (query != null) {
            message.setHeader(Exchange.HTTP_QUERY, query);
        }
    }

    /** By identity: an equal value that the route has set itself does leave. */
    boolean isReceived(Object value) {
        for (int i = 0; i < received.size(); i++) {
            if (received.get(i) == value) {
                return true;
            }
        }
        return false;
    }

    private void addQueryParameters(Message message, String text) {
        int from = 0;
        for (int count = 0; from <= text.length() && count < MAX_PARAMETERS; count++) {
            int amp = text.indexOf('&', from);
            int end = amp < 0 ? text.length() : amp;
            int equals = text.indexOf('=', from);
            int split = equals < 0 || equals > end ? end : equals;
            String name = text.substring(from, split);
            if (HeaderRules.parameterEntersMessages(name)) {
                add(message, name, split == end ? "" : percentDecoded(text.substring(split + 1, end), true));
            }
            from = end + 1;
        }
    }

    /** A repeated name becomes a list, as Camel users know it. */
    private void add(Message message, String name, String value) {
        Object before = message.getHeader(name);
        if (before == null) {
            put(message, name, value);
            return;
        }
        List<Object> all = new ArrayList<>();
        if (before instanceof Collection<?> several) {
            all.addAll(several);
        } else {
            all.add(before);
        }
        all.add(value);
        put(message, name, all);
    }

    private void put(Message message, String name, Object value) {
        message.setHeader(name, value);
        received.add(value);
    }

    private static Map<String, String> decoded(Map<String, String> raw) {
        if (raw.isEmpty()) {
            return raw;
        }
        Map<String, String> decoded = new HashMap<>();
        raw.forEach((name, value) -> decoded.put(name, percentDecoded(value, false)));
        return decoded;
    }

    private static String percentDecoded(String text, boolean plusIsSpace) {
        boolean plain = text.indexOf('%') < 0 && (!plusIsSpace || text.indexOf('+') < 0);
        if (plain) {
            return text;
        }
        try {
            return URLDecoder.decode(plusIsSpace ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a stray percent sign: it means itself
        }
    }

    private static String remoteAddress(HttpServerRequest request) {
        SocketAddress peer = request.remoteAddress();
        return peer == null ? "" : peer.hostAddress() + ":" + peer.port();
    }
}
