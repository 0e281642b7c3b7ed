package dev.caravan.component;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * A client's headers as a proxy passes them on (contract section 2.1): all of them as they came, but for what is about
 * the client's own connection; added is what tells the function where the call came from.
 */
final class ForwardedHeaders implements RequestHeaders {

    private final RequestHead head;
    private final Message message;
    private final @Nullable Object body;
    private final String userAgent;
    private final boolean upgrade;

    /**
     * @param message knows the call's id and start time
     * @param body what is sent: a client's own stream has the length that the client gave
     * @param userAgent for a client that gives none
     */
    ForwardedHeaders(RequestHead head, Message message, @Nullable Object body, String userAgent) {
        this.head = head;
        this.message = message;
        this.body = body;
        this.userAgent = userAgent;
        this.upgrade = body == null && head.upgrade();
    }

    @Override
    public boolean upgrade() {
        return upgrade;
    }

    @Override
    public @Nullable RequestTrailers trailers() {
        return body instanceof ReadStream ? head.trailers() : null;
    }

    @Override
    public void accept(MultiMap to) {
        MultiMap from = head.headers();
        Set<String> listed = HeaderRules.listedByConnection(from);
        Object callId = message.getHeader(CaravanHeaders.CALL_ID);
        Object depth = message.getHeader(CaravanHeaders.DEPTH);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey();
            boolean stays = HeaderRules.isHopByHop(name)
                    || HeaderRules.isInternal(name)
                    || name.equalsIgnoreCase("host")
                    || name.equalsIgnoreCase("expect")
                    || callId != null && name.equalsIgnoreCase("x-call-id")
                    || depth != null && name.equalsIgnoreCase(CaravanHeaders.DEPTH_ON_THE_WIRE)
                    || name.equalsIgnoreCase("content-length") && !isLengthOfBody(header.getValue())
                    || listed != null && listed.contains(name);
            if (!stays) {
                to.add(name, header.getValue());
            }
        }
        if (upgrade) {
            to.add("Connection", "Upgrade");
            to.add("Upgrade", from.getAll("upgrade"));
        }
        if (trailers() != null) {
            to.add("Trailer", from.getAll("trailer"));
        }
        addOrigin(to);
        if (callId != null) {
            to.add("X-Call-Id", callId.toString());
        }
        if (depth != null) {
            to.add(CaravanHeaders.DEPTH_ON_THE_WIRE, depth.toString());
        }
        Object startTime = message.getHeader(CaravanHeaders.START_TIME);
        if (startTime != null) {
            to.add("X-Start-Time", startTime.toString());
        }
    }

    /** Judged by what is passed on: a client that lists such a header under Connection does not get rid of it. */
    private void addOrigin(MultiMap to) {
        if (!to.contains("x-forwarded-for")) {
            to.add("X-Forwarded-For", head.remoteAddress());
        }
        String host = head.host();
        if (host != null && !to.contains("x-forwarded-host")) {
            to.add("X-Forwarded-Host", host);
        }
        if (!to.contains("user-agent")) {
            to.add("User-Agent", userAgent);
        }
    }

    /** A route may have put another body in the place of the client's, or none. */
    private boolean isLengthOfBody(String length) {
        return body instanceof ReadStream || !(body instanceof Buffer) && length.equals("0");
    }
}
