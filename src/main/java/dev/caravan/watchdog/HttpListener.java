package dev.caravan.watchdog;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Takes HTTP/1 requests and hands each to a handler, on a thread for each connection.
 *
 * <p>Small on purpose, and still not the JDK's server: that one cannot tell that a client has left while its answer is
 * made, hands no connection over to another protocol, and has no limit to a client that does not read.
 */
final class HttpListener implements AutoCloseable {

    /** Answers one request, or leaves it without an answer: then its connection is cut. */
    @FunctionalInterface
    interface Handler {
        void handle(Exchange exchange) throws IOException, InterruptedException;
    }

    private static final int BACKLOG = 1024;
    private static final Duration SWEEP = Duration.ofSeconds(2);

    private final ServerSocketChannel server;
    private final Executor threads;
    private final Handler handler;
    private final Duration readTimeout;
    private final Duration writeTimeout;
    private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
    private long swept = System.nanoTime();
    private volatile boolean closed;

    /**
     * @param readTimeout how long a request's header may take in all, and a pause within its body; zero is for ever
     * @param writeTimeout how long a client may take none of its answer; zero is for ever
     */
    HttpListener(
            InetSocketAddress address, Executor threads, Duration readTimeout, Duration writeTimeout, Handler handler)
            throws IOException {
        this.threads = threads;
        this.handler = handler;
        this.readTimeout = readTimeout;
        this.writeTimeout = writeTimeout;
        this.server = ServerSocketChannel.open();
        try {
            server.bind(address, BACKLOG);
        } catch (IOException e) {
            server.close();
            throw new IOException("cannot listen on port " + address.getPort() + ": " + e.getMessage(), e);
        }
    }

    void start() {
        threads.execute(this::accept);
    }

    int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    private void accept() {
        while (!closed) {
            try {
                server.socket().setSoTimeout(Math.toIntExact(nextLook().toMillis()));
                serve(server.socket().accept().getChannel());
                sweepWhenDue();
            } catch (SocketTimeoutException e) {
                sweepWhenDue();
            } catch (IOException | RejectedExecutionException e) {
                if (!closed) {
                    pause(); // no descriptors left, as a rule: those who are served give theirs back
                }
            }
        }
    }

    private void serve(SocketChannel channel) throws IOException {
        HttpConnection connection;
        try {
            connection = new HttpConnection(new Wire(channel), readTimeout, handler);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        connections.add(connection);
        try {
            threads.execute(() -> {
                try {
                    connection.serve();
                } finally {
                    connections.remove(connection);
                }
            });
        } catch (RejectedExecutionException e) {
            connections.remove(connection);
            connection.cut();
            throw e;
        }
        if (closed) {
            connection.finish();
        }
    }

    /** Cuts off clients that do not take their answer. */
    private void sweepWhenDue() {
        if (!writeTimeout.isZero() && System.nanoTime() - swept >= sweepEvery().toNanos()) {
            swept = System.nanoTime();
            connections.forEach(connection -> connection.cutWhenStuckFor(writeTimeout));
        }
    }

    /** Zero, which is to wait for ever, while there is nothing to look after. */
    private Duration nextLook() {
        return connections.isEmpty() ? Duration.ZERO : sweepEvery();
    }

    private Duration sweepEvery() {
        boolean longer = writeTimeout.isZero() || writeTimeout.compareTo(SWEEP) > 0;
        return longer ? SWEEP : writeTimeout.plusMillis(1);
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes no new connection and no further request on one that there is; what runs goes on. */
    void finish() {
        closed = true;
        try {
            server.close();
        } catch (IOException e) {
            // it listens no more, whatever else failed
        }
        connections.forEach(HttpConnection::finish);
    }

    /** Cuts all connections, too. */
    @Override
    public void close() {
        finish();
        connections.forEach(HttpConnection::cut);
    }
}
