package dev.caravan.watchdog;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection, with a limit to every wait for bytes.
 *
 * <p>One thread reads, another may write; any may close. Reads block, but look up every second to ask whether there is
 * still a reason to wait. Writes block without a limit: whoever serves looks at {@link #writingFor} from outside.
 */
final class Wire implements AutoCloseable {

    /** How long a read waits at most before it asks whether it should go on. */
    private static final long LOOK = TimeUnit.SECONDS.toNanos(1);

    /** Tells, by throwing, that there is no reason to wait any longer. */
    @FunctionalInterface
    interface Reason {
        void check() throws IOException;
    }

    private final SocketChannel channel;
    private final InputStream socket;
    private final OutputStream output;
    private final byte[] buffer = new byte[8192];
    private int position;
    private int end;
    private @Nullable Reason reason;
    private volatile long deadline; // of nanoTime; zero for none
    private volatile long writing; // since when, of nanoTime; zero while nobody does

    /** Held by whoever writes, and by whoever makes the connection one that cannot be written to for a moment. */
    private final ReentrantLock writes = new ReentrantLock();

    Wire(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        this.socket = channel.socket().getInputStream();
        this.output = new BufferedOutputStream(new TimedOutput(channel.socket().getOutputStream()), 8192);
    }

    static Wire connect(SocketAddress address) throws IOException {
        return new Wire(SocketChannel.open(address));
    }

    /** From now on what is read must be there within {@code limit}, all of it; zero is for ever. */
    void within(Duration limit) {
        deadline = limit.isZero() ? 0 : nonZero(System.nanoTime() + limit.toNanos());
    }

    /** Asked every second while a read waits. */
    void whileWaiting(Reason check) {
        reason = check;
    }

    /** Whether more came; false at the end. */
    boolean awaitMore() throws IOException {
        return position < end || fill();
    }

    /** The next byte; -1 at the end. */
    int read() throws IOException {
        return position < end || fill() ? buffer[position++] & 0xff : -1;
    }

    int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == end && !fill()) {
            return -1;
        }
        int count = Math.min(length, end - position);
        System.arraycopy(buffer, position, bytes, offset, count);
        position += count;
        return count;
    }

    /**
     * A line without its end.
     *
     * @param limit how many bytes it may have
     * @return null when the connection ends before it begins
     * @throws BadMessageException when it is longer
     */
    @Nullable
    String line(int limit) throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int b = read(); b != '\n'; b = read()) {
            if (b < 0 && line.isEmpty()) {
                return null;
            }
            if (b < 0) {
                throw new IOException("the connection ended within a line");
            }
            if (line.length() == limit) {
                throw new BadMessageException(431, "the header is too large");
            }
            line.append((char) b);
        }
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
            line.setLength(length - 1);
        }
        return line.toString();
    }

    private boolean fill() throws IOException {
        while (true) {
            long left = deadline == 0 ? Long.MAX_VALUE : deadline - System.nanoTime();
            if (left <= 0) {
                throw new SocketTimeoutException("nothing came in time");
            }
            long wait = reason == null ? left : Math.min(left, LOOK);
            channel.socket()
                    .setSoTimeout(
                            wait == Long.MAX_VALUE
                                    ? 0
                                    : (int) Math.max(
                                            1, Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(wait))));
            try {
                int count = socket.read(buffer, 0, buffer.length);
                position = 0;
                end = Math.max(0, count);
                return count > 0;
            } catch (SocketTimeoutException e) {
                if (reason != null) {
                    reason.check();
                }
            }
        }
    }

    OutputStream output() {
        return output;
    }

    /** Writes {@code text}, a byte for each character, and keeps it back until somebody flushes. */
    void write(String text) throws IOException {
        output.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * Whether the other end has closed, or at least will not send any more. Only for whoever reads this wire; false
     * while another thread writes.
     */
    boolean isGone() {
        if (position < end || !writes.tryLock()) {
            return false;
        }
        try {
            channel.configureBlocking(false);
            try {
                int count = channel.read(ByteBuffer.wrap(buffer));
                position = 0;
                end = Math.max(0, count);
                return count < 0;
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException e) {
            return true;
        } finally {
            writes.unlock();
        }
    }

    /** How long the write that goes on now has waited; zero when there is none. */
    Duration writingFor() {
        long since = writing;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** No more will be written; the other end may still be read. */
    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** What was written and not flushed is lost. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            return; // it is closed all the same
        }
    }

    private static long nonZero(long nanos) {
        return nanos == 0 ? 1 : nanos;
    }

    /** Remembers since when a write waits. */
    private final class TimedOutput extends OutputStream {

        private final OutputStream target;

        TimedOutput(OutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writes.lock();
            try {
                writing = nonZero(System.nanoTime());
                target.write(bytes, offset, length);
            } finally {
                writing = 0;
                writes.unlock();
            }
        }
    }
}
