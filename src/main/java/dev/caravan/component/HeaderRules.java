package dev.caravan.component;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which names may pass between HTTP and Camel messages.
 *
 * <p>Camel filters only {@code Camel*}; {@code JMSX*}, {@code AMQ_*} and {@code breadcrumbId} from a client would reach
 * the broker and act there. So the rule is an allow-list: a header that routes see has a dash in its name, or is one of
 * the registered names without.
 */
public final class HeaderRules {

    /** HTTP field names without a dash (IANA registry and W3C) that routes may see. */
    private static final Set<String> SINGLE_WORDS = Set.of(
            "accept",
            "allow",
            "baggage",
            "cookie",
            "date",
            "dnt",
            "etag",
            "expires",
            "forwarded",
            "from",
            "host",
            "link",
            "location",
            "origin",
            "pragma",
            "prefer",
            "priority",
            "range",
            "referer",
            "server",
            "tracestate",
            "traceparent",
            "vary",
            "via",
            "warning",
            "age");

    /** Which ASCII characters a field name may have (RFC 9110 section 5.6.2). */
    private static final boolean[] TOKEN = tokenCharacters();

    private HeaderRules() {}

    /** Whether a request header of this name becomes a Camel message header. */
    public static boolean entersMessages(String name) {
        return name.indexOf('-') > 0
                ? !isInternal(name) && !isHopByHop(name) && !name.equalsIgnoreCase("content-length")
                : SINGLE_WORDS.contains(name.toLowerCase(Locale.ROOT));
    }

    /** Whether a query or path parameter of this name becomes a Camel message header. */
    public static boolean parameterEntersMessages(String name) {
        if (name.isEmpty() || name.length() > 100 || isInternal(name)) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_')) {
                return false;
            }
        }
        String lower = name.toLowerCase(Locale.ROOT);
        return !lower.equals("authorization") && !SINGLE_WORDS.contains(lower);
    }

    /** Whether a message header may leave as an HTTP header: a valid field name that is nobody's internal one. */
    public static boolean leavesMessages(String name) {
        return isToken(name) && !isInternal(name) && !isHopByHop(name) && !name.equalsIgnoreCase("content-length");
    }

    /** Whether a field that came after an answer's body may leave: never one that would speak about the message itself. */
    public static boolean leavesAsTrailer(String name) {
        return leavesMessages(name)
                && switch (name.toLowerCase(Locale.ROOT)) {
                    case "host", "content-type", "content-encoding", "content-range", "set-cookie", "authorization" ->
                        false;
                    default -> true;
                };
    }

    /** Whether a value is safe inside an HTTP header: no control characters but tab (RFC 9110 section 5.5). */
    public static boolean isValue(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }

    /** Headers that are about one connection and never forwarded (RFC 9110 section 7.6.1; contract section 2.1). */
    public static boolean isHopByHop(String name) {
        return switch (name.length()) {
            case 2 -> name.equalsIgnoreCase("te");
            case 7 -> name.equalsIgnoreCase("trailer") || name.equalsIgnoreCase("upgrade");
            case 10 -> name.equalsIgnoreCase("connection") || name.equalsIgnoreCase("keep-alive");
            case 16 -> name.equalsIgnoreCase("proxy-connection");
            case 17 -> name.equalsIgnoreCase("transfer-encoding");
            case 18 -> name.equalsIgnoreCase("proxy-authenticate");
            case 19 -> name.equalsIgnoreCase("proxy-authorization");
            default -> false;
        };
    }

    /**
     * The further hop-by-hop names that {@code Connection} lists; null when there are none. The body's length is never
     * one of them, whatever a peer says: the message could not be told from the next without it.
     */
    public static @Nullable Set<String> listedByConnection(MultiMap headers) {
        String connection = headers.get("connection");
        if (connection == null || connection.equalsIgnoreCase("keep-alive") || connection.equalsIgnoreCase("close")) {
            return null;
        }
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (String value : headers.getAll("connection")) {
            for (String name : value.split(",", 32)) {
                names.add(name.strip());
            }
        }
        names.remove("content-length");
        return names;
    }

    /** Whether one of the values of a list header such as {@code Connection} names {@code token}. */
    static boolean listsToken(List<String> values, String token) {
        for (String value : values) {
            for (String listed : value.split(",", 32)) {
                if (listed.strip().equalsIgnoreCase(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether a name means something to Caravan, Camel or the broker: such a header never crosses the HTTP edge. */
    public static boolean isInternal(String name) {
        return switch (name.isEmpty() ? ' ' : name.charAt(0)) {
            case 'b', 'B' -> name.equalsIgnoreCase("breadcrumbId");
            case 'c', 'C' -> starts(name, "camel") || starts(name, "caravan");
            case 'j', 'J' -> starts(name, "jms");
            case 'a', 'A' -> starts(name, "amq_") || starts(name, "amq-");
            case 'o', 'O' -> starts(name, "org.apache.camel");
            default -> false;
        };
    }

    private static boolean starts(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    private static boolean isToken(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= TOKEN.length || !TOKEN[c]) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static boolean[] tokenCharacters() {
        var token = new boolean[128];
        for (char c = 0; c < token.length; c++) {
            token[c] = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
        }
        return token;
    }
}
