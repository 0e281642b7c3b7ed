package dev.caravan.watchdog;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;

/**
 * The body of a message that came, without its framing (RFC 9112, section 6).
 *
 * <p>Not safe for several threads; {@link #isFinished} may be asked by any.
 */
final class BodyInput extends InputStream {

    private static final long UNTIL_CLOSED = -1;
    private static final int LINE_LIMIT = 4096;
    private static final int TRAILER_LIMIT = 64 * 1024;

    private final Wire wire;
    private final boolean chunked;
    private long left; // of the body, or of the chunk; or UNTIL_CLOSED
    private boolean first = true;
    private Duration pause = Duration.ZERO;
    private Runnable beforeFirst = () -> {};
    private Headers trailers = new Headers();
    private volatile boolean finished;

    private BodyInput(Wire wire, boolean chunked, long left) {
        this.wire = wire;
        this.chunked = chunked;
        this.left = left;
        this.finished = !chunked && left == 0;
    }

    static BodyInput none(Wire wire) {
        return new BodyInput(wire, false, 0);
    }

    /**
     * Of a request: none unless a header says so.
     *
     * @throws BadMessageException when the header is not clear about it
     */
    static BodyInput ofRequest(Wire wire, Headers headers) throws IOException {
        return of(wire, headers, 0);
    }

    /**
     * Of an answer: all there is until the connection ends, unless a header says something else.
     *
     * @throws BadMessageException when the header is not clear about it
     */
    static BodyInput ofAnswer(Wire wire, Headers headers) throws IOException {
        return of(wire, headers, UNTIL_CLOSED);
    }

    private static BodyInput of(Wire wire, Headers headers, long otherwise) throws IOException {
        List<String> lengths = headers.all("Content-Length").stream().distinct().toList();
        List<String> codings = headers.all("Transfer-Encoding");
        if (!codings.isEmpty()) {
            if (codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked")) {
                throw new BadMessageException(501, "of the transfer encodings only chunked is known");
            }
            if (!lengths.isEmpty()) {
                throw new BadMessageException(400, "the body has a length and chunks");
            }
            return new BodyInput(wire, true, 0);
        }
        if (lengths.isEmpty()) {
            return new BodyInput(wire, false, otherwise);
        }
        if (lengths.size() > 1 || !lengths.get(0).matches("[0-9]{1,18}")) {
            throw new BadMessageException(400, "the length of the body is malformed");
        }
        return new BodyInput(wire, false, Long.parseLong(lengths.get(0)));
    }

    /** How long the next bytes may take each time, zero for any time. */
    void pausesUpTo(Duration limit) {
        pause = limit;
    }

    /** Done once, before the first byte is waited for. */
    void beforeFirst(Runnable action) {
        beforeFirst = action;
    }

    /** Whether all of it was read. */
    boolean isFinished() {
        return finished;
    }

    /** Whether it ends only with the connection. */
    boolean isUntilClosed() {
        return left == UNTIL_CLOSED;
    }

    /** What came after the last chunk. */
    Headers trailers() {
        return trailers;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (finished) {
            return -1;
        }
        if (first) {
            beforeFirst.run();
        }
        if (!pause.isZero()) {
            wire.within(pause);
        }
        if (chunked && left == 0 && !nextChunk()) {
            finished = true;
            return -1;
        }
        int count = wire.read(bytes, offset, left == UNTIL_CLOSED ? length : (int) Math.min(length, left));
        if (count < 0) {
            if (left != UNTIL_CLOSED) {
                throw new IOException("the body ended early");
            }
            finished = true;
            return -1;
        }
        if (left != UNTIL_CLOSED) {
            left -= count;
            finished = !chunked && left == 0;
        }
        first = false;
        return count;
    }

    /** Whether there is one; reads the trailers when there is none. */
    private boolean nextChunk() throws IOException {
        if (!first && !"".equals(wire.line(LINE_LIMIT))) {
            throw new BadMessageException(400, "a chunk is longer than it says");
        }
        first = false;
        String line = wire.line(LINE_LIMIT);
        if (line == null) {
            throw new IOException("the body ended early");
        }
        int semicolon = line.indexOf(';');
        String size = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
        if (!size.matches("[0-9A-Fa-f]{1,15}")) {
            throw new BadMessageException(400, "the size of a chunk is malformed");
        }
        left = Long.parseLong(size, 16);
        if (left == 0) {
            trailers = MessageHead.fields(wire, TRAILER_LIMIT);
        }
        return left > 0;
    }
}
