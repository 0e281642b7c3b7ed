package dev.caravan.watchdog;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** A client's connection and the requests on it, one after the other. */
final class HttpConnection {

    /** What is read of a body that nobody wants, so that the client gets to see its answer. */
    private static final int LEFTOVER = 256 * 1024;

    private static final Duration LINGER = Duration.ofMillis(500);

    private final Wire wire;
    private final Duration readTimeout;
    private final HttpListener.Handler handler;
    private boolean idle = true;
    private boolean finishing;

    HttpConnection(Wire wire, Duration readTimeout, HttpListener.Handler handler) {
        this.wire = wire;
        this.readTimeout = readTimeout;
        this.handler = handler;
    }

    void serve() {
        try (wire) {
            boolean open = true;
            while (open) {
                open = serveOne();
            }
        } catch (IOException e) {
            return; // the client has gone, or was too slow
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean serveOne() throws IOException, InterruptedException {
        wire.within(readTimeout);
        if (!wire.awaitMore()) {
            return false;
        }
        begin();
        wire.within(readTimeout);
        MessageHead head;
        try {
            head = MessageHead.read(wire);
        } catch (BadMessageException e) {
            refuse(e);
            return false;
        }
        if (head == null) {
            return false;
        }
        Exchange exchange;
        try {
            exchange = Exchange.of(wire, head, readTimeout);
        } catch (BadMessageException e) {
            refuse(e);
            return false;
        }
        if (isFinishing()) {
            exchange.closeAfter();
        }
        handler.handle(exchange);
        if (exchange.isAnswered() && exchange.hasBody() && !exchange.isAbandoned()) {
            drop(exchange.body());
        }
        return exchange.mayFollow() && end();
    }

    /** Reads what is left of a body and throws it away; too much of it, or nonsense, ends the connection, gently. */
    private void drop(BodyInput body) throws IOException {
        byte[] buffer = new byte[8192];
        long limit = System.nanoTime() + LINGER.toNanos();
        body.pausesUpTo(LINGER);
        int left = LEFTOVER;
        try {
            for (int count = 0; count >= 0 && left > 0 && System.nanoTime() < limit; count = body.read(buffer)) {
                left -= count;
            }
        } catch (SocketTimeoutException | BadMessageException e) {
            linger();
            return;
        }
        if (!body.isFinished()) {
            linger();
        }
    }

    /** Closing with bytes unread would take the answer back from the client: it gets a moment to see it. */
    private void linger() throws IOException {
        wire.shutdownOutput();
        byte[] buffer = new byte[8192];
        wire.within(LINGER);
        try {
            for (int count = 0; count >= 0; count = wire.read(buffer, 0, buffer.length)) {
                continue;
            }
        } catch (SocketTimeoutException e) {
            return; // it had its moment
        }
    }

    private void refuse(BadMessageException e) {
        try {
            String text = e.getMessage() + "\n";
            wire.write("HTTP/1.1 " + e.status() + " " + Reasons.of(e.status()) + "\r\nContent-Type: " + Reasons.TEXT
                    + "\r\nContent-Length: " + text.length() + "\r\nConnection: close\r\n\r\n" + text);
            wire.output().flush();
            linger();
        } catch (IOException failed) {
            return; // it does not even listen
        } finally {
            wire.close();
        }
    }

    private synchronized void begin() {
        idle = false;
    }

    private synchronized boolean end() {
        idle = true;
        return !finishing;
    }

    private synchronized boolean isFinishing() {
        return finishing;
    }

    /** No request may follow the one that is served now. */
    synchronized void finish() {
        finishing = true;
        if (idle) {
            wire.close();
        }
    }

    /** Cuts it when its client has not taken a byte for so long. */
    void cutWhenStuckFor(Duration limit) {
        if (wire.writingFor().compareTo(limit) > 0) {
            wire.close();
        }
    }

    void cut() {
        wire.close();
    }
}
