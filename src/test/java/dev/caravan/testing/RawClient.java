package dev.caravan.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sends exactly the bytes it is told. */
public final class RawClient implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;

    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(15_000);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** One request on a connection of its own; lines are separated by {@code \n}. */
    public static HttpMessage ask(int port, String head, String body) throws IOException {
        try (var client = new RawClient(port)) {
            client.send(head, body);
            return client.answer();
        }
    }

    public static HttpMessage get(int port, String target, String... headers) throws IOException {
        String more = headers.length == 0 ? "" : "\n" + String.join("\n", headers);
        return ask(port, "GET " + target + " HTTP/1.1\nHost: test" + more, "");
    }

    public static HttpMessage post(int port, String target, String body, String... headers) throws IOException {
        String more = headers.length == 0 ? "" : "\n" + String.join("\n", headers);
        return ask(
                port,
                "POST " + target + " HTTP/1.1\nHost: test\nContent-Length: "
                        + body.getBytes(StandardCharsets.ISO_8859_1).length + more,
                body);
    }

    public void send(String head, String body) throws IOException {
        raw(head.replace("\n", "\r\n") + "\r\n\r\n" + body);
    }

    public void raw(String text) throws IOException {
        out().write(text.getBytes(StandardCharsets.ISO_8859_1));
        out().flush();
    }

    public HttpMessage answer() throws IOException {
        return HttpMessage.read(in);
    }

    public InputStream in() {
        return in;
    }

    public OutputStream out() throws IOException {
        return socket.getOutputStream();
    }

    /** Says that nothing more will be sent, and goes on reading. */
    public void endOfOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
