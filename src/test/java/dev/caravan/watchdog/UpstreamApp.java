package dev.caravan.watchdog;

import dev.caravan.testing.HttpMessage;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A function that speaks HTTP, of which a test decides each byte. */
final class UpstreamApp implements AutoCloseable {

    /** Answers a request whose head was read. */
    interface Script {
        /** @return whether the connection stays open */
        boolean answer(HttpMessage head, InputStream in, OutputStream out) throws Exception;
    }

    final List<HttpMessage> requests = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    private final ServerSocket server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    UpstreamApp(Script script) throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread accepts = new Thread(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    sockets.add(socket);
                    connections.incrementAndGet();
                    Thread serves = new Thread(() -> serve(socket, script));
                    serves.setDaemon(true);
                    serves.start();
                } catch (IOException e) {
                    return;
                }
            }
        });
        accepts.setDaemon(true);
        accepts.start();
    }

    /** Answers 200 with what came, and says so in a header. */
    static UpstreamApp echo() throws IOException {
        return new UpstreamApp((head, in, out) -> {
            String body = head.bodyFrom(in);
            say(out, "HTTP/1.1 200 OK\nContent-Length: " + body.length() + "\nX-App: yes\n\n" + body);
            return true;
        });
    }

    static void say(OutputStream out, String text) throws IOException {
        int body = text.indexOf("\n\n");
        String head = body < 0 ? text : text.substring(0, body + 2).replace("\n", "\r\n");
        String rest = body < 0 ? "" : text.substring(body + 2);
        out.write((head + rest).getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private void serve(Socket socket, Script script) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            boolean open = true;
            while (open) {
                HttpMessage head = HttpMessage.head(in);
                if (head == null) {
                    return;
                }
                requests.add(head);
                open = script.answer(head, in, socket.getOutputStream());
            }
        } catch (Exception e) {
            return; // the other end sees it
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
