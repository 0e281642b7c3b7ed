package dev.caravan.component;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Drops the interim answers that mean nothing to us, as RFC 9110 section 15.2 wants it: those below 200 but 100, 101 and
 * 103. Vert.x 4.5 takes them for the answer (Http1xClientConnection.handleResponseBegin).
 */
final class InterimAnswers extends ChannelInboundHandlerAdapter {

    /** Vert.x's own, behind which everything is an answer. */
    private static final String VERTX = "handler";

    /** Between the head that was dropped and the end that belongs to it. */
    private boolean dropping;

    private InterimAnswers() {}

    static void dropOn(HttpConnection connection) {
        Channel channel = ((ConnectionBase) connection).channel();
        channel.pipeline().addBefore(VERTX, InterimAnswers.class.getSimpleName(), new InterimAnswers());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpResponse answer) {
            dropping = isUnknownInterim(answer);
        }
        if (dropping && message instanceof HttpObject) {
            dropping = !(message instanceof LastHttpContent);
            ReferenceCountUtil.release(message);
        } else {
            super.channelRead(context, message);
        }
    }

    private static boolean isUnknownInterim(HttpResponse answer) {
        return answer.decoderResult().isSuccess()
                && answer.status().codeClass() == HttpStatusClass.INFORMATIONAL
                && switch (answer.status().code()) {
                    case 100, 101, 103 -> false;
                    default -> true;
                };
    }
}
