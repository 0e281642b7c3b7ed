package dev.caravan.gateway;

import dev.caravan.component.RequestHead;
import dev.caravan.function.FunctionAccess;
import dev.caravan.function.FunctionName;
import dev.caravan.gateway.auth.BasicAuth;
import dev.caravan.gateway.auth.Role;
import dev.caravan.gateway.auth.Verdict;
import dev.caravan.gateway.auth.Verdict.Refusal;
import dev.caravan.provider.FunctionProvider;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
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

    /** @param access for functions whose annotations say nothing */
    public Guard(BasicAuth auth, FunctionProvider functions, String defaultNamespace, FunctionAccess access) {
        this.auth = auth;
        this.functions = functions;
        this.defaultNamespace = defaultNamespace;
        this.access = access;
    }

    /**
     * The least role that may do this; null when everybody may, or when that depends on which function a call is of: then
     * the route asks {@link #require}.
     */
    @Nullable
    Role needed(HttpConsumer consumer, String path) {
        if (!consumer.open()) {
            return consumer.role();
        }
        return !consumer.aboutCall() && FunctionPath.isCall(path) && access(path) == FunctionAccess.BASIC
                ? Role.VIEWER
                : null;
    }

    private FunctionAccess access(String path) {
        return FunctionPath.of(path, defaultNamespace)
                .map(called -> access(called.function()))
                .orElse(access);
    }

    private FunctionAccess access(FunctionName function) {
        return functions
                .status(function)
                .map(status -> FunctionAccess.of(status.deployment(), access))
                .orElse(access);
    }

    /**
     * Lets in whoever may call a function, to ask about one of its calls. Waits while a password is checked: not on an
     * event loop.
     *
     * @throws HttpFailure for everybody else
     */
    void require(RequestHead head, FunctionName function) {
        if (access(function) == FunctionAccess.NONE) {
            return;
        }
        String address = head.remoteAddress().replaceFirst(":[0-9]+$", "");
        Failure failure = auth.judge(head.headers().get(HttpHeaderNames.AUTHORIZATION), address)
                .join()
                .<@Nullable Failure>fold(role -> null, why -> refusal(why, head.headers()));
        if (failure != null) {
            throw new HttpFailure(failure.status(), failure.line(), failure.headers());
        }
    }

    /**
     * Calls one of the two, on the event loop of the request: at once, or when the password has been checked elsewhere.
     * Neither when the client is gone by then.
     */
    void admit(HttpServerRequest request, Role needed, Runnable admitted, Consumer<Failure> refused) {
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
                role -> role.covers(needed) ? null : tooLow(role, needed), why -> refusal(why, request.headers()));
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

    private static Failure refusal(Refusal why, MultiMap headers) {
        return switch (why) {
            case WRONG -> new Failure(401, "invalid credentials", isFetch(headers) ? Map.of() : CHALLENGE);
            case TOO_MANY -> new Failure(429, "too many wrong credentials", Map.of("Retry-After", "60"));
            case BUSY -> new Failure(503, "too many passwords to check at once; try again", Map.of("Retry-After", "1"));
        };
    }

    /**
     * Whether a script asks, to whose 401 a browser must not open its own password window
     * (<a href="https://www.w3.org/TR/fetch-metadata/">Fetch Metadata</a>).
     */
    private static boolean isFetch(MultiMap headers) {
        String mode = headers.get("Sec-Fetch-Mode");
        return mode != null && !mode.equals("navigate") || "empty".equals(headers.get("Sec-Fetch-Dest"));
    }

    private static String address(HttpServerRequest request) {
        return request.remoteAddress() == null
                ? ""
                : String.valueOf(request.remoteAddress().hostAddress());
    }
}
