package dev.caravan.component;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields that come after a request's chunks (RFC 9110 section 6.5). Vert.x 4.5 neither shows nor sends them, so they
 * are taken from one channel and put on the other. Only those of a request that announces them by {@code Trailer} pass:
 * no other pays for it. Used on the event loop of both connections.
 */
public final class RequestTrailers {

    /** What Vert.x calls the last handler of its pipelines. */
    private static final String VERTX = "handler";

    private @Nullable HttpHeaders received;

    private RequestTrailers() {}

    /**
     * To be called as soon as the request's head is there, since its end may come with the same packet.
     *
     * @return null for a request that announces none
     */
    public static @Nullable RequestTrailers announcedBy(HttpServerRequest request) {
        if (!request.headers().contains("trailer")) {
            return null;
        }
        var trailers = new RequestTrailers();
        pipeline(request.connection()).addBefore(VERTX, null, trailers.new Receiver());
        return trailers;
    }

    /** Lets them go with the end of the request that is sent on this connection. */
    void sendAtTheEndOnce(HttpConnection connection) {
        if (received != null && !received.isEmpty()) {
            pipeline(connection).addBefore(VERTX, null, new Sender(received));
        }
    }

    private static ChannelPipeline pipeline(HttpConnection connection) {
        return ((ConnectionBase) connection).channel().pipeline();
    }

    private final class Receiver extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            // The next request in line: the end of ours had passed before anybody looked at it.
            boolean late = message instanceof HttpRequest;
            boolean last = message instanceof LastHttpContent;
            if (last && !late) {
                received = ((LastHttpContent) message).trailingHeaders();
            }
            context.fireChannelRead(message);
            if (last || late) {
                context.pipeline().remove(this);
            }
        }
    }

    private static final class Sender extends ChannelOutboundHandlerAdapter {

        private final HttpHeaders trailers;

        Sender(HttpHeaders trailers) {
            this.trailers = trailers;
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (!(message instanceof LastHttpContent last) || message instanceof HttpRequest) {
                context.write(message, promise);
                return;
            }
            var end = new DefaultLastHttpContent(last.content(), false);
            for (Map.Entry<String, String> trailer : trailers) {
                if (HeaderRules.leavesAsTrailer(trailer.getKey()) && HeaderRules.isValue(trailer.getValue())) {
                    end.trailingHeaders().add(trailer.getKey(), trailer.getValue());
                }
            }
            context.write(end, promise);
            context.pipeline().remove(this);
        }
    }
}
