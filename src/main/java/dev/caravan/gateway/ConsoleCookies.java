package dev.caravan.gateway;

import dev.caravan.gateway.auth.Session;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a browser says about its session. It is taken off each request at the door, so that no function, message or route
 * ever sees it.
 *
 * <p>There are two cookies. The session's own goes with nothing that another site began ({@code SameSite=Strict}). The other
 * is worth nothing and only says that there is a session: a link on another site that leads to a function comes with it,
 * and so the function's page can be kept away from the console, whose origin it shares.
 *
 * @param secret the session's; null when the request did not have it
 * @param token what a request says besides; null when it did not, empty from a console that has none
 * @param present whether the browser has a session, as far as it said
 */
record ConsoleCookies(@Nullable String secret, @Nullable String token, boolean present) {

    /** The header that no page of another site can send. */
    static final String TOKEN = "X-Caravan-Token";

    static final ConsoleCookies NONE = new ConsoleCookies(null, null, false);

    private static final String SESSION = "caravan-session";
    private static final String MARK = "caravan-signed-in";

    static ConsoleCookies takenFrom(HttpServerRequest request) {
        MultiMap headers = request.headers();
        String token = headers.get(TOKEN);
        if (token != null) {
            headers.remove(TOKEN);
        }
        if (!headers.contains("Cookie")) {
            return token == null ? NONE : new ConsoleCookies(null, token, false);
        }
        List<String> cookies = headers.getAll("Cookie");
        String secret = null;
        boolean present = false;
        List<String> others = new ArrayList<>();
        for (String header : cookies) {
            List<String> left = new ArrayList<>();
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? "" : pair.substring(0, equals).strip();
                boolean session = name.equals(SESSION);
                if (session && secret == null) {
                    secret = pair.substring(equals + 1).strip();
                }
                if (session || name.equals(MARK)) {
                    present = true;
                } else {
                    left.add(pair);
                }
            }
            String rest = String.join(";", left).strip();
            if (!rest.isEmpty()) {
                others.add(rest);
            }
        }
        if (present) {
            headers.remove("Cookie");
            if (!others.isEmpty()) {
                headers.add("Cookie", others);
            }
        }
        return new ConsoleCookies(secret, token, present);
    }

    /** Whether an answer's {@code Set-Cookie} would give a browser a session or take it away. */
    static boolean isSetBy(String setCookie) {
        String cookie = setCookie.stripLeading();
        return cookie.startsWith(SESSION) || cookie.startsWith(MARK);
    }

    /** What gives the browser its session. @param secure whether it came over TLS, which it must then always do */
    static List<String> set(Session session, boolean secure) {
        return both(session.secret(), "1", secure ? "; Secure" : "");
    }

    /** What takes it away. */
    static List<String> cleared() {
        return both("", "", "; Max-Age=0");
    }

    private static List<String> both(String secret, String mark, String more) {
        return List.of(
                SESSION + "=" + secret + "; Path=/; HttpOnly; SameSite=Strict" + more,
                MARK + "=" + mark + "; Path=/; HttpOnly; SameSite=Lax" + more);
    }
}
