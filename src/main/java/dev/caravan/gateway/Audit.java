package dev.caravan.gateway;

import dev.caravan.gateway.auth.Caller;
import dev.caravan.gateway.auth.Role;
import dev.caravan.ledger.AuditEntry;
import dev.caravan.ledger.LedgerException;
import io.vertx.core.http.HttpMethod;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes what operators do: every request below {@code /system} that may change something, whoever wrote its route, and
 * what it was answered. A request that was turned away at the door did nothing and is not noted. What a route knows
 * better than the request's path does it says by {@link #subject}, {@link #affected} and {@link #changed}; a body is never
 * noted. Why somebody did it, the request may say in {@link #REASON}.
 */
public final class Audit {

    private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

    /** The request header with an operator's reason: UTF-8, percent-encoded where it is not ASCII. */
    static final String REASON = "X-Reason";

    private static final String SYSTEM = "/system/";
    private static final Set<HttpMethod> LOOKING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    /** By machines, again and again, or without changing anything. */
    private static final Set<String> NO_ACTIONS =
            Set.of("/system/async-report", "/system/alert", "/system/routes/validate");

    private static final String SCALING = "/system/alert";
    private static final String BUILD = "/function";
    private static final String SESSION = "/system/session";

    private static final String SUBJECT = "CaravanAuditSubject";
    private static final String AFFECTED = "CaravanAuditAffected";
    private static final String BEFORE = "CaravanAuditBefore";
    private static final String AFTER = "CaravanAuditAfter";
    private static final String NOTHING = "CaravanAuditNothing";

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}]+");

    private final Consumer<AuditEntry> trail;
    private final InstantSource clock;

    /** @param trail keeps an entry, and returns when it is kept; may block and throw {@link LedgerException} */
    public Audit(Consumer<AuditEntry> trail, InstantSource clock) {
        this.trail = trail;
        this.clock = clock;
    }

    /** What an action was done to, where the path does not say it. */
    static void subject(Exchange exchange, String subject) {
        exchange.setProperty(SUBJECT, subject);
    }

    /** To how many an action was done. */
    static void affected(Exchange exchange, long affected) {
        exchange.setProperty(AFFECTED, affected);
    }

    /** From what to what an action changed something, in a few words; no secrets, no bodies. */
    static void changed(Exchange exchange, String before, String after) {
        exchange.setProperty(BEFORE, before);
        exchange.setProperty(AFTER, after);
    }

    /** It only looked: there is nothing to note. */
    static void nothing(Exchange exchange) {
        exchange.setProperty(NOTHING, true);
    }

    /** Whether a request to a route is an action. */
    boolean concerns(HttpConsumer route, HttpMethod method) {
        return !route.open()
                && (route.name().startsWith(SYSTEM) || route.name().equals(BUILD))
                && !LOOKING.contains(method)
                && !NO_ACTIONS.contains(route.name());
    }

    /** Whether a request to a route may change something; who signs in or out changes nothing. */
    boolean changes(HttpConsumer route, HttpMethod method) {
        return route.name().equals(SCALING)
                || concerns(route, method) && !route.name().equals(SESSION);
    }

    /**
     * Notes one that its route is done with. Blocks; an entry that cannot be kept is written to the log, since what was
     * done is done.
     *
     * @param who null when nobody is asked who it is
     * @param target method, path and query
     * @param reason as it came in {@link #REASON}
     */
    void note(Exchange exchange, @Nullable Caller who, String target, @Nullable String reason) {
        if (exchange.getProperty(NOTHING) != null) {
            return;
        }
        String route = String.valueOf(exchange.getFromRouteId());
        int version = route.indexOf('@');
        var entry = new AuditEntry(
                clock.instant(),
                who == null ? "" : who.name(),
                (who == null ? Role.ADMIN : who.role()).word(),
                version < 0 ? route : route.substring(0, version),
                target,
                exchange.getProperty(SUBJECT, "", String.class),
                exchange.getProperty(AFFECTED, Long.class),
                status(exchange, target),
                null,
                reason == null ? null : readable(reason),
                exchange.getProperty(BEFORE, String.class),
                exchange.getProperty(AFTER, String.class));
        try {
            trail.accept(entry);
        } catch (LedgerException e) {
            LOG.error(
                    "operator action not kept user={} action={} target={} status={} error={}",
                    entry.who(),
                    entry.action(),
                    entry.target(),
                    entry.status(),
                    e.getMessage());
        }
    }

    /** One line; null when it says nothing. */
    private static @Nullable String readable(String reason) {
        String line = CONTROL.matcher(QueryParameters.decoded(reason.replace("+", "%2B")))
                .replaceAll(" ")
                .strip();
        return line.isEmpty() ? null : line;
    }

    /** A failure is read here once, and left so that the answer is the same. */
    private static int status(Exchange exchange, String target) {
        if (exchange.getException() == null) {
            return exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class);
        }
        Failure failure = Failure.of(exchange.getException(), target);
        exchange.setException(new HttpFailure(failure.status(), failure.line(), failure.headers()));
        return failure.status();
    }
}
