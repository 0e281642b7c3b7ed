package dev.caravan.gateway;

import dev.caravan.component.AnswerStream;
import dev.caravan.component.BodyPump;
import io.vertx.core.Context;
import io.vertx.core.net.NetSocket;

/**
 * A client's and a function's connection that have left HTTP (RFC 9110 section 7.8), WebSocket for one: bytes go both
 * ways, no faster than they are taken, until either side closes. Then the other is closed, once it was given what had
 * already come.
 */
final class Tunnel {

    private final Context context;
    private final NetSocket client;
    private final AnswerStream function;
    private final Runnable closed;
    private boolean over;

    /**
     * @param context whose event loop both connections are on
     * @param closed is told once
     */
    Tunnel(Context context, NetSocket client, AnswerStream function, Runnable closed) {
        this.context = context;
        this.client = client;
        this.function = function;
        this.closed = closed;
    }

    void open() {
        client.closeHandler(gone -> closeFunction());
        new BodyPump(client, function.upgraded(), -1).start(this::closeFunction, broken -> closeFunction());
        new BodyPump(function, client, -1).start(this::closeClient, broken -> closeClient());
    }

    private void closeFunction() {
        if (begin()) {
            client.resume();
            context.runOnContext(given -> function.abort());
        }
    }

    private void closeClient() {
        if (begin()) {
            function.resume();
            context.runOnContext(given -> client.close());
        }
    }

    private boolean begin() {
        boolean first = !over;
        over = true;
        if (first) {
            closed.run();
        }
        return first;
    }
}
