package dev.caravan.testing;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;

/** A function that speaks WebSocket (RFC 6455) and sends back whatever it is sent, the closing frame last. */
public final class WebSocketEcho implements ScriptedFunction.Script {

    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int CLOSE = 8;

    @Override
    public boolean serve(HttpMessage head, InputStream in, OutputStream out)
            throws IOException, GeneralSecurityException {
        String key = head.value("sec-websocket-key");
        byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
        String protocol = head.value("sec-websocket-protocol");
        ScriptedFunction.write(
                out,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + (protocol == null ? "" : "Sec-WebSocket-Protocol: " + protocol + "\r\n")
                        + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(hash) + "\r\n\r\n");
        var frames = new DataInputStream(in);
        boolean open = true;
        while (open) {
            int kind = frames.readUnsignedByte();
            byte[] payload = payload(frames);
            out.write(kind);
            writeLength(out, payload.length);
            out.write(payload);
            out.flush();
            open = (kind & 0xf) != CLOSE;
        }
        return false;
    }

    /** A client's payload is masked. */
    private static byte[] payload(DataInputStream frames) throws IOException {
        int length = frames.readUnsignedByte() & 0x7f;
        if (length == 126) {
            length = frames.readUnsignedShort();
        } else if (length == 127) {
            length = (int) frames.readLong();
        }
        byte[] mask = HttpMessage.exactly(frames, 4);
        byte[] payload = HttpMessage.exactly(frames, length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        return payload;
    }

    private static void writeLength(OutputStream out, int length) throws IOException {
        if (length < 126) {
            out.write(length);
        } else if (length <= 0xffff) {
            out.write(126);
            out.write(length >> 8);
            out.write(length);
        } else {
            out.write(new byte[] {
                127, 0, 0, 0, 0, (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length
            });
        }
    }
}
