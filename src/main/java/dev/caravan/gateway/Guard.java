package dev.caravan.gateway;

import dev.caravan.function.CallId;
import dev.caravan.function.FunctionAccess;
import dev.caravan.function.FunctionName;
import dev.caravan.gateway.auth.BasicAuth;
import dev.caravan.gateway.auth.Role;
import dev.caravan.gateway.auth.Verdict;
import dev.caravan.gateway.auth.Verdict.Refusal;
import dev.caravan.provider.FunctionProvider;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
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
 * <p>Judges the raw path before a byte of the body is read. Credentials that were asked for are taken off the request: they
 * are Caravan's, and neither a function nor a message gets to see them. Those that nobody asked for pass untouched.
 */
public final class Guard {

    private static final Map<String, String> CHALLENGE = Map.of("WWW-Authenticate", "Basic realm=\"Restricted\"");

    private final BasicAuth auth;
    private final FunctionProvider functions;
    private final String defaultNamespace;
    private final FunctionAccess access;
    private final Function<CallId, Optional<FunctionName>> called;
    private final Executor workers;

    /**
     * @param access for functions whose annotations say nothing
     * @param called which function a queued call is of; may block
     * @param workers where that is asked
     */
    public Guard(
            BasicAuth auth,
            FunctionProvider functions,
            String defaultNamespace,
            FunctionAccess access,
            Function<CallId, Optional<FunctionName>> called,
            Executor workers) {
        this.auth = auth;
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
            Runnable admitted,
            Consumer<Failure> refused) {
        Optional<String> callId =
                consumer.open() ? FunctionPath.callId(request.method().name(), path) : Optional.empty();
        if (callId.isEmpty()) {
            admit(request, needed(consumer, path), admitted, refused);
            return;
        }
        Context context = Vertx.currentContext();
        request.pause();
        try {
            workers.execute(() -> {
                Runnable next = next(request, callId.get(), admitted, refused);
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

    private Runnable next(HttpServerRequest request, String callId, Runnable admitted, Consumer<Failure> refused) {
        try {
            FunctionAccess says = CallId.parse(callId)
                    .flatMap(called)
                    .flatMap(functions::status)
                    .map(status -> FunctionAccess.of(status.deployment(), access))
                    .orElse(access);
            Role needed = says == FunctionAccess.BASIC ? Role.VIEWER : null;
            return () -> admit(request, needed, admitted, refused);
        } catch (RuntimeException e) {
            Failure failure = Failure.of(e, request.path());
            return () -> refused.accept(failure);
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

    private void admit(HttpServerRequest request, @Nullable Role needed, Runnable admitted, Consumer<Failure> refused) {
        if (needed == null) {
            admitted.run();
            return;
        }
        CompletableFuture<Verdict> judging =
                auth.judge(request.getHeader(HttpHeaderNames.AUTHORIZATION), address(request));
        if (judging.isDone()) {
            answer(judging.join(), request, needed, admitted, refused);
            return;
        }
        Context context = Vertx.currentContext();
        request.pause();
        judging.thenAccept(verdict -> context.runOnContext(now -> {
            if (!request.response().closed()) {
                // What was held back flows from the next turn on, so whoever takes the request can still pause it.
                request.resume();
                answer(verdict, request, needed, admitted, refused);
            }
        }));
    }

    private static void answer(
            Verdict verdict, HttpServerRequest request, Role needed, Runnable admitted, Consumer<Failure> refused) {
        Failure failure = verdict.<@Nullable Failure>fold(
                role -> role.covers(needed) ? null : tooLow(role, needed), why -> refusal(why, request));
        if (failure == null) {
            request.headers().remove(HttpHeaderNames.AUTHORIZATION);
            admitted.run();
        } else {
            refused.accept(failure);
        }
    }

    private static Failure tooLow(Role has, Role needed) {
        return new Failure(403, "this needs the role " + needed.word() + ", yours is " + has.word(), Map.of());
    }

    private static Failure refusal(Refusal why, HttpServerRequest request) {
        return switch (why) {
            case WRONG -> new Failure(401, "invalid credentials", isFetch(request) ? Map.of() : CHALLENGE);
            case TOO_MANY -> new Failure(429, "too many wrong credentials", Map.of("Retry-After", "60"));
            case BUSY -> new Failure(503, "too many passwords to check at once; try again", Map.of("Retry-After", "1"));
        };
    }

    /**
     * Whether a script asks, to whose 401 a browser must not open its own password window
     * (<a href="https://www.w3.org/TR/fetch-metadata/">Fetch Metadata</a>).
     */
    private static boolean isFetch(HttpServerRequest request) {
        String mode = request.getHeader("Sec-Fetch-Mode");
        return mode != null && !mode.equals("navigate") || "empty".equals(request.getHeader("Sec-Fetch-Dest"));
    }

    private static String address(HttpServerRequest request) {
        return request.remoteAddress() == null
                ? ""
                : String.valueOf(request.remoteAddress().hostAddress());
    }
}
