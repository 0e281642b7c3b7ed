package dev.caravan.gateway;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Tells the visit that is served on a connection when the connection closes. Not by Vert.x's own handler: it fails over
 * a connection with another request in line (4.5, a {@code NullPointerException}) and then tells nobody.
 */
final class ServedConnection {

    /** Who is served on a connection; requests in line behind it have no visit yet. */
    private static final AttributeKey<Visit> CURRENT = AttributeKey.valueOf("dev.caravan.visit");

    private ServedConnection() {}

    static void watch(HttpConnection connection) {
        Channel channel = channel(connection);
        channel.closeFuture().addListener(closed -> {
            Visit current = channel.attr(CURRENT).getAndSet(null);
            if (current != null) {
                current.clientGone();
            }
        });
    }

    static void begin(HttpConnection connection, Visit visit) {
        channel(connection).attr(CURRENT).set(visit);
    }

    /** Nobody is told any more. */
    static void end(HttpConnection connection, Visit visit) {
        channel(connection).attr(CURRENT).compareAndSet(visit, null);
    }

    private static Channel channel(HttpConnection connection) {
        return ((ConnectionBase) connection).channel();
    }
}
