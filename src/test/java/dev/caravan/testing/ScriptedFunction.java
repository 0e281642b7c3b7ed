package dev.caravan.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A function's HTTP server that does exactly what a test says, down to breaking the protocol. */
public final class ScriptedFunction implements AutoCloseable {

    /** What to do with one request; the connection is closed when it answers false. */
    public interface Script {
        boolean serve(HttpMessage head, InputStream in, OutputStream out) throws Exception;
    }

    private final ServerSocket server;
    private final Script script;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<HttpMessage> seen = new CopyOnWriteArrayList<>();

    public ScriptedFunction(Script script) throws IOException {
        this.script = script;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        background(this::accept);
    }

    /** A function that answers 200 with {@code body} to whatever it reads. */
    public static ScriptedFunction answering(String body, String... headers) throws IOException {
        return new ScriptedFunction((head, in, out) -> {
            head.bodyFrom(in);
            reply(out, "200 OK", body, headers);
            return true;
        });
    }

    public static void reply(OutputStream out, String status, String body, String... headers) throws IOException {
        var text = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        text.append("Content-Length: ").append(body.length()).append("\r\n\r\n").append(body);
        write(out, text.toString());
    }

    public static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** The heads of all requests so far. */
    public List<HttpMessage> seen() {
        return seen;
    }

    public int connections() {
        return open.size();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                background(() -> serve(socket));
            }
        } catch (IOException e) {
            open.forEach(ScriptedFunction::cut); // closed: the test is over
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new BufferedInputStream(socket.getInputStream());
            boolean more = true;
            while (more) {
                HttpMessage head = HttpMessage.head(in);
                if (head != null) {
                    seen.add(head);
                }
                more = head != null && script.serve(head, in, socket.getOutputStream());
            }
        } catch (Exception e) {
            // The other side hung up; what that means is the test's to judge.
        } finally {
            open.remove(socket);
        }
    }

    private static void cut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void background(Runnable work) {
        var thread = new Thread(work, "scripted-function");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
