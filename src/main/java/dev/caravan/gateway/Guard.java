package dev.caravan.gateway;

import dev.caravan.function.CallId;
import dev.caravan.function.FunctionAccess;
import dev.caravan.function.FunctionName;
import dev.caravan.gateway.auth.BasicAuth;
import dev.caravan.gateway.auth.Caller;
import dev.caravan.gateway.auth.ProxyAuth;
import dev.caravan.gateway.auth.Role;
import dev.caravan.gateway.auth.Sessions;
import dev.caravan.gateway.auth.Verdict;
import dev.caravan.gateway.auth.Verdict.Refusal;
import dev.caravan.provider.FunctionProvider;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stands at the door and lets in whoever may come in: a route's {@code group} says which role it needs, a function's
 * annotation (or {@code CARAVAN_FUNCTION_AUTH}) whether its callers must be users.
 *
 * <p>A browser that is signed in comes with a session in place of a password, with the same role; what it asks for must
 * then be asked by the console.
 *
 * <p>Judges the raw path before a byte of the body is read. Credentials that were asked for are taken off the request: they
 * are Caravan's, and neither a function nor a message gets to see them. Those that nobody asked for pass untouched.
 */
public final class Guard {

    private static final Map<String, String> CHALLENGE = Map.of("WWW-Authenticate", "Basic realm=\"Restricted\"");

    /**
     * A request that stands at the door.
     *
     * @param route where it wants to go
     * @param proxied whether a proxy says who it is, whose word counts
     */
    private record Door(
            HttpServerRequest request,
            ConsoleCookies cookies,
            HttpConsumer route,
            boolean proxied,
            Consumer<@Nullable Caller> admitted,
            Consumer<Failure> refused) {

        /** Whether it wants to go on to a function. */
        boolean toFunction() {
            return route.open();
        }
    }

    private final BasicAuth auth;
    private final Sessions sessions;
    private final FunctionProvider functions;
    private final String defaultNamespace;
    private final FunctionAccess access;
    private final Function<CallId, Optional<FunctionName>> called;
    private final Executor workers;
    private final ProxyAuth proxies;

    /**
     * @param sessions of browsers that are signed in
     * @param access for functions whose annotations say nothing
     * @param called which function a queued call is of; may block
     * @param workers where that is asked
     * @param proxies who may say who somebody is
     */
    public Guard(
            BasicAuth auth,
            Sessions sessions,
            FunctionProvider functions,
            String defaultNamespace,
            FunctionAccess access,
            Function<CallId, Optional<FunctionName>> called,
            Executor workers,
            ProxyAuth proxies) {
        this.auth = auth;
        this.proxies = proxies;
        this.sessions = sessions;
        this.functions = functions;
        this.defaultNamespace = defaultNamespace;
        this.access = access;
        this.called = called;
        this.workers = workers;
    }

    /**
     * Calls one of the two, on the event loop of the request: at once, or when it has been found out elsewhere who may
     * come in and who this is. Neither when the client is gone by then.
     */
    void admit(
            HttpServerRequest request,
            HttpConsumer consumer,
            String path,
            ConsoleCookies cookies,
            Consumer<@Nullable Caller> admitted,
            Consumer<Failure> refused) {
        var door = new Door(request, cookies, consumer, proxied(request), admitted, refused);
        Optional<String> callId =
                consumer.open() ? FunctionPath.callId(request.method().name(), path) : Optional.empty();
        if (callId.isEmpty()) {
            admit(door, needed(consumer, path));
            return;
        }
        Context context = Vertx.currentContext();
        request.pause();
        try {
            workers.execute(() -> {
                Runnable next = next(door, callId.get());
                context.runOnContext(now -> {
                    if (!request.response().closed()) {
                        request.resume();
                        next.run();
                    }
                });
            });
        } catch (RejectedExecutionException e) {
            refused.accept(Failure.of(e, path));
        }
    }

    /**
     * Whether who was let in may stay: what goes on in a session must end with it, and with the rights it began with. A page that is open is a use of its
     * session, so this is one.
     */
    boolean mayStay(@Nullable Caller caller) {
        return caller == null
                || caller.session() == null
                || sessions.find(caller.session().secret())
                        .filter(now -> now.rights().equals(caller.rights()))
                        .isPresent();
    }

    private Runnable next(Door door, String callId) {
        try {
            FunctionAccess says = CallId.parse(callId)
                    .flatMap(called)
                    .flatMap(functions::status)
                    .map(status -> FunctionAccess.of(status.deployment(), access))
                    .orElse(access);
            Role needed = says == FunctionAccess.BASIC ? Role.VIEWER : null;
            return () -> admit(door, needed);
        } catch (RuntimeException e) {
            Failure failure = Failure.of(e, door.request().path());
            return () -> door.refused().accept(failure);
        }
    }

    /** The least role that may do this; null when everybody may. */
    private @Nullable Role needed(HttpConsumer consumer, String path) {
        if (!consumer.open()) {
            return consumer.role();
        }
        return FunctionPath.isCall(path) && access(path) == FunctionAccess.BASIC ? Role.VIEWER : null;
    }

    private FunctionAccess access(String path) {
        return FunctionPath.of(path, defaultNamespace)
                .flatMap(called -> functions.status(called.function()))
                .map(status -> FunctionAccess.of(status.deployment(), access))
                .orElse(access);
    }

    /** What anybody else says in these headers is taken off, so that whoever finds them later can believe them. */
    private boolean proxied(HttpServerRequest request) {
        if (!proxies.any()) {
            return false;
        }
        if (proxies.trusts(address(request))) {
            return request.getHeader(proxies.userHeader()) != null;
        }
        request.headers().remove(proxies.userHeader());
        request.headers().remove(proxies.groupsHeader());
        return false;
    }

    private static boolean isTwice(HttpServerRequest request, String header) {
        return request.headers().getAll(header).size() > 1;
    }

    private void admit(Door door, @Nullable Role needed) {
        HttpServerRequest request = door.request();
        String authorization = request.getHeader(HttpHeaderNames.AUTHORIZATION);
        String secret = door.cookies().secret();
        if (needed == null) {
            door.admitted().accept(null);
        } else if (door.proxied()
                && (isTwice(request, proxies.userHeader()) || isTwice(request, proxies.groupsHeader()))) {
            // One of them is what the client said.
            door.refused()
                    .accept(new Failure(
                            403, "who you are is said twice: the proxy must replace its headers", Map.of()));
        } else if (door.proxied()) {
            proxies.caller(request.getHeader(proxies.userHeader()), request.getHeader(proxies.groupsHeader()))
                    .ifPresentOrElse(
                            caller -> letIn(caller, door, needed),
                            () -> door.refused()
                                    .accept(new Failure(403, "none of your groups has a role here", Map.of())));
        } else if (authorization == null && secret != null) {
            sessions.find(secret)
                    .ifPresentOrElse(
                            caller -> letIn(caller, door, needed),
                            () -> door.refused().accept(refusal(Refusal.WRONG, door)));
        } else {
            admit(auth.judge(authorization, address(request)), door, needed);
        }
    }

    private static void admit(CompletableFuture<Verdict> judging, Door door, Role needed) {
        if (judging.isDone()) {
            answer(judging.join(), door, needed);
            return;
        }
        Context context = Vertx.currentContext();
        HttpServerRequest request = door.request();
        request.pause();
        judging.thenAccept(verdict -> context.runOnContext(now -> {
            if (!request.response().closed()) {
                // What was held back flows from the next turn on, so whoever takes the request can still pause it.
                request.resume();
                answer(verdict, door, needed);
            }
        }));
    }

    private static void answer(Verdict verdict, Door door, Role needed) {
        Caller caller = verdict.<@Nullable Caller>fold(known -> known, why -> {
            door.refused().accept(refusal(why, door));
            return null;
        });
        if (caller != null) {
            letIn(caller, door, needed);
        }
    }

    private static void letIn(Caller caller, Door door, Role needed) {
        Failure failure = caller.role().covers(needed) ? forged(caller, door) : tooLow(caller.role(), needed);
        if (failure == null
                && !door.toFunction()
                && !Honours.opens(door.request().method().name(), door.route().path(), caller.rights())) {
            failure = new Failure(
                    403, "this is not open to you: it does not keep to what you may see of functions", Map.of());
        }
        if (failure == null) {
            door.request().headers().remove(HttpHeaderNames.AUTHORIZATION);
            door.admitted().accept(caller);
        } else {
            door.refused().accept(failure);
        }
    }

    /**
     * Refuses what a page of somebody else's made a browser ask. What a browser sends along by itself, be it a cookie or a
     * remembered password, changes nothing when another site is behind the request; and a cookie alone never does: only
     * the console knows the token (<a href="https://www.w3.org/TR/fetch-metadata/">Fetch Metadata</a> is not sent over
     * plain HTTP to other hosts than this one). Calling a function may change anything, whatever the verb.
     */
    private static @Nullable Failure forged(Caller caller, Door door) {
        HttpServerRequest request = door.request();
        boolean reads = request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
        if (reads && !door.toFunction()) {
            return null;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        boolean elsewhere = site != null && !site.equals("same-origin") && !site.equals("none");
        if (elsewhere && (caller.session() != null || !door.toFunction())) {
            return new Failure(403, "a page of another site asks for this; only the console's own may", Map.of());
        }
        String token = door.cookies().token();
        if (door.proxied() && token == null) {
            return new Failure(
                    403,
                    "say the header " + ConsoleCookies.TOKEN + ", with any value: no page of another site can",
                    Map.of());
        }
        if (caller.session() != null && (token == null || !caller.session().hasToken(token))) {
            return new Failure(
                    403, "the header " + ConsoleCookies.TOKEN + " is missing or not this session's", Map.of());
        }
        return null;
    }

    private static Failure tooLow(Role has, Role needed) {
        return new Failure(403, "this needs the role " + needed.word() + ", yours is " + has.word(), Map.of());
    }

    private static Failure refusal(Refusal why, Door door) {
        return switch (why) {
            case WRONG -> new Failure(401, "invalid credentials", isFetch(door) ? Map.of() : CHALLENGE);
            case TOO_MANY -> new Failure(429, "too many wrong credentials", Map.of("Retry-After", "60"));
            case BUSY -> new Failure(503, "too many passwords to check at once; try again", Map.of("Retry-After", "1"));
        };
    }

    /**
     * Whether a script asks, to whose 401 a browser must not open its own password window
     * (<a href="https://www.w3.org/TR/fetch-metadata/">Fetch Metadata</a>). Over plain HTTP browsers only say so to this
     * machine, so the console says it by its header, and what asks for events is no person either.
     */
    private static boolean isFetch(Door door) {
        HttpServerRequest request = door.request();
        String mode = request.getHeader("Sec-Fetch-Mode");
        return mode != null && !mode.equals("navigate")
                || "empty".equals(request.getHeader("Sec-Fetch-Dest"))
                || door.cookies().token() != null
                || "text/event-stream".equals(request.getHeader(HttpHeaderNames.ACCEPT));
    }

    private static String address(HttpServerRequest request) {
        return request.remoteAddress() == null
                ? ""
                : String.valueOf(request.remoteAddress().hostAddress());
    }
}
