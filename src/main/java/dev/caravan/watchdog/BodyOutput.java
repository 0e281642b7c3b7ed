package dev.caravan.watchdog;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The body of a message that is sent, in its framing. Closing it ends the body, not the connection. */
final class BodyOutput extends OutputStream {

    /** How the other end will know where the body ends. */
    enum Framing {
        NONE,
        LENGTH,
        CHUNKS,
        CONNECTION
    }

    private final OutputStream wire;
    private final Framing framing;
    private long left;
    private long written;
    private boolean ended;

    /** @param length how much will be written, when that is the framing */
    BodyOutput(OutputStream wire, Framing framing, long length) {
        this.wire = wire;
        this.framing = framing;
        this.left = length;
    }

    /** How many bytes of it were written. */
    long written() {
        return written;
    }

    /** Whether the other end can tell that it is complete. */
    boolean isEnded() {
        return ended;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0 || framing == Framing.NONE) {
            return; // an empty chunk would be the last one
        }
        if (ended) {
            throw new IOException("the body has ended");
        }
        if (framing == Framing.LENGTH && length > left) {
            throw new IOException("the body is longer than was said");
        }
        if (framing == Framing.CHUNKS) {
            wire.write((Integer.toHexString(length).toUpperCase(Locale.ROOT) + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        }
        wire.write(bytes, offset, length);
        if (framing == Framing.CHUNKS) {
            wire.write('\r');
            wire.write('\n');
        }
        left -= length;
        written += length;
    }

    @Override
    public void flush() throws IOException {
        wire.flush();
    }

    @Override
    public void close() throws IOException {
        end(new Headers());
    }

    /** Ends the body; the trailers are lost unless it has chunks. */
    void end(Headers trailers) throws IOException {
        if (ended) {
            return;
        }
        if (framing == Framing.LENGTH && left > 0) {
            throw new IOException("the body is shorter than was said");
        }
        if (framing == Framing.CHUNKS) {
            StringBuilder last = new StringBuilder("0\r\n");
            for (Headers.Field field : trailers.fields()) {
                last.append(field.name()).append(": ").append(field.value()).append("\r\n");
            }
            wire.write(last.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        }
        wire.flush();
        ended = true;
    }
}
