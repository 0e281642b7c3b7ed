package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import dev.caravan.config.ConsoleSettings;
import dev.caravan.gateway.auth.Caller;
import dev.caravan.gateway.auth.Rights;
import dev.caravan.gateway.auth.Role;
import dev.caravan.gateway.auth.Session;
import dev.caravan.gateway.auth.Sessions;
import java.util.Locale;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean {@code session} behind {@code /system/session}: signs a browser in and out, and says who somebody is. The
 * password comes by HTTP Basic and is judged at the door like everybody's, so it is slowed down like everybody's too.
 */
public final class SessionApi {

    private static final Logger LOG = LoggerFactory.getLogger(SessionApi.class);

    private final Sessions sessions;
    private final boolean readOnly;
    private final boolean resque;
    private final ConsoleSettings console;

    /**
     * What the console wants to know besides.
     *
     * @param readOnly whether nobody may change anything
     * @param resque whether there is a Redis of Resque's to look into
     * @param console what it says of the place where it runs
     */
    public SessionApi(Sessions sessions, boolean readOnly, boolean resque, ConsoleSettings console) {
        this.sessions = sessions;
        this.readOnly = readOnly;
        this.resque = resque;
        this.console = console;
    }

    /** Signs in: 201 with who it is, the session's token and its cookies. */
    public void open(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            Caller caller = caller(exchange);
            if (caller == null) {
                return new JsonAnswer(201, json(null, null));
            }
            Session session = sessions.open(caller).orElseThrow(() -> new HttpFailure(401, "invalid credentials"));
            if (caller.session() != null) {
                sessions.close(caller.session().secret());
            }
            LOG.info("signed in user={} role={}", caller.name(), caller.role().word());
            return new JsonAnswer(201, json(caller, session))
                    .with("Set-Cookie", ConsoleCookies.set(session, cameOverTls(exchange)));
        });
    }

    /** Who asks; with the session's token when it is a session that asks. */
    public void show(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            Caller caller = caller(exchange);
            return new JsonAnswer(200, json(caller, caller == null ? null : caller.session()));
        });
    }

    /** Signs out: 200 with who that was, and the cookies are gone. */
    public void close(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            Caller caller = caller(exchange);
            if (caller != null && caller.session() != null) {
                sessions.close(caller.session().secret());
                LOG.info("signed out user={}", caller.name());
            }
            return new JsonAnswer(200, json(caller, null)).with("Set-Cookie", ConsoleCookies.cleared());
        });
    }

    /** Null when nobody is asked who it is ({@code CARAVAN_AUTH=none}). */
    private static @Nullable Caller caller(Exchange exchange) {
        return exchange.getProperty(Caller.PROPERTY, Caller.class);
    }

    private ObjectNode json(@Nullable Caller caller, @Nullable Session session) {
        ObjectNode json = JsonAnswer.object()
                .put("user", caller == null ? "" : caller.name())
                .put("role", (caller == null ? Role.ADMIN : caller.role()).word());
        json.put("readOnly", readOnly)
                .put("resque", resque)
                .put("environment", console.environment())
                .put("environmentColour", console.colour().name().toLowerCase(Locale.ROOT));
        if (session != null) {
            json.put("token", session.token()).put("until", session.until().toString());
        }
        Rights rights = caller == null ? Rights.ALL : caller.rights();
        ArrayNode functions = json.putArray("functions");
        rights.functions().words().forEach(functions::add);
        json.put("bodies", rights.bodies());
        return json;
    }

    /** As far as anybody says; a client that lies about it harms only itself. */
    private static boolean cameOverTls(Exchange exchange) {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        return head != null
                && (head.scheme().equals("https")
                        || "https".equalsIgnoreCase(head.headers().get("X-Forwarded-Proto")));
    }
}
