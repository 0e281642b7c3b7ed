package dev.caravan.gateway;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.function.Consumer;

/** A request's body that is held in memory: within a limit of its own, and the budget of all together. */
final class CollectedBody {

    private final HttpServerRequest request;
    private final BodyBudget budget;
    private final long max;
    private final Consumer<Failure> refusal;
    private long held;
    private boolean refused;

    /**
     * @param max in bytes
     * @param refusal is told at most once, when the body is too large
     */
    CollectedBody(HttpServerRequest request, BodyBudget budget, long max, Consumer<Failure> refusal) {
        this.request = request;
        this.budget = budget;
        this.max = max;
        this.refusal = refusal;
    }

    /**
     * @param whole gets the body, unless it is refused or breaks off
     * @param gone when the client breaks off
     */
    void collect(Consumer<byte[]> whole, Runnable gone) {
        long announced = RequestBodies.announcedLength(request);
        if (announced > max) {
            refuseTooLarge();
            return;
        }
        if (announced > 0 && !hold(announced)) {
            return;
        }
        if (RequestBodies.waitsForContinue(request)) {
            request.response().writeContinue();
        }
        Buffer body = announced > 0 ? Buffer.buffer((int) announced) : Buffer.buffer();
        request.handler(chunk -> {
            if (refused) {
                return;
            }
            if (body.length() + chunk.length() > max) {
                refuseTooLarge();
            } else if (announced >= 0 || hold(chunk.length())) {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(broken -> gone.run());
        request.endHandler(end -> {
            if (!refused) {
                whole.accept(bytes(body));
            }
        });
    }

    /** What was announced filled its array to the last byte, and that array goes on as it is. */
    private static byte[] bytes(Buffer body) {
        ByteBuf buffer = body.getByteBuf();
        return buffer.hasArray() && buffer.array().length == body.length() ? buffer.array() : body.getBytes();
    }

    /** The body is not needed any more. */
    void release() {
        budget.giveBack(held);
        held = 0;
    }

    private boolean hold(long bytes) {
        if (budget.take(bytes)) {
            held += bytes;
            return true;
        }
        refuse(new Failure(503, "too many bodies at once; try again", Map.of("Retry-After", "1")));
        return false;
    }

    private void refuseTooLarge() {
        refuse(new Failure(413, "the body is larger than " + max + " bytes", Map.of()));
    }

    private void refuse(Failure failure) {
        refused = true;
        refusal.accept(failure);
    }
}
