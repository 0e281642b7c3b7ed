package dev.caravan.gateway;

import dev.caravan.component.AnswerStream;
import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.FunctionAnswer;
import dev.caravan.component.HeaderRules;
import io.vertx.core.MultiMap;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** Which headers an answer leaves with. */
final class AnswerHeaders {

    private AnswerHeaders() {}

    /** A function's own, but for what is about its connection to us (RFC 9110 section 7.6.1). */
    static void copyVerbatim(AnswerStream answer, MultiMap to) {
        MultiMap from = answer.headers();
        copyEndToEnd(from, to);
        if (answer.isUpgraded()) {
            to.set("Connection", "Upgrade");
            to.set("Upgrade", from.getAll("upgrade"));
        }
    }

    /** What is not about the connection that the fields came over. */
    static void copyEndToEnd(MultiMap from, MultiMap to) {
        Set<String> listed = HeaderRules.listedByConnection(from);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey();
            boolean stays = HeaderRules.isHopByHop(name) && !name.equalsIgnoreCase("trailer")
                    || HeaderRules.isInternal(name)
                    || listed != null && listed.contains(name);
            if (!stays) {
                to.add(name, header.getValue());
            }
        }
    }

    /** A function that does not say what its answer is: the same as was asked, else text (contract section 1.3). */
    static void addMissingContentType(MultiMap request, int status, MultiMap to) {
        if (hasContent(status) && !to.contains("content-type")) {
            String asked = request.get("content-type");
            to.set("Content-Type", asked == null ? "text/plain" : asked);
        }
    }

    /**
     * Takes from a function's answer what would reach beyond the function's own paths: a session for the browser, and a
     * script that stands between the browser and the console.
     *
     * @param apart whether it must not act on the console either, should it be a page: it gets an origin of its own then
     *     (<a href="https://html.spec.whatwg.org/multipage/browsers.html#sandboxing">HTML, sandboxing</a>)
     */
    static void keepFromConsole(MultiMap headers, boolean apart) {
        headers.remove("Service-Worker-Allowed");
        if (headers.contains("Set-Cookie")) {
            List<String> cookies = headers.getAll("Set-Cookie");
            headers.remove("Set-Cookie");
            cookies.stream()
                    .filter(cookie -> !ConsoleCookies.isSetBy(cookie))
                    .forEach(cookie -> headers.add("Set-Cookie", cookie));
        }
        if (apart) {
            headers.add("Content-Security-Policy", "sandbox allow-scripts allow-forms");
        }
    }

    /** Whether answers of that status have a body at all (RFC 9110 section 6.4.1). */
    static boolean hasContent(int status) {
        return status >= 200 && status != 204 && status != 304;
    }

    /** What the route put on the message. */
    static void copyFromMessage(Exchange exchange, RequestMessage received, MultiMap to) {
        FunctionAnswer answer = exchange.getProperty(CaravanHeaders.FUNCTION_ANSWER, FunctionAnswer.class);
        exchange.getMessage().getHeaders().forEach((name, value) -> {
            if (value == null || received.isReceived(value) || !HeaderRules.leavesMessages(name)) {
                return;
            }
            List<String> several = answer == null ? null : answer.headers().get(name);
            if (several != null && several.get(0) == value) {
                to.set(name, several);
            } else if (value instanceof Collection<?> values) {
                to.remove(name);
                values.forEach(one -> addValid(to, name, one));
            } else {
                to.remove(name);
                addValid(to, name, value);
            }
        });
    }

    static void copyTrailers(MultiMap from, MultiMap to) {
        for (Map.Entry<String, String> trailer : from) {
            if (HeaderRules.leavesAsTrailer(trailer.getKey())) {
                to.add(trailer.getKey(), trailer.getValue());
            }
        }
    }

    private static void addValid(MultiMap to, String name, @Nullable Object value) {
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            String text = value.toString();
            if (HeaderRules.isValue(text)) {
                to.add(name, text);
            }
        }
    }
}
