package dev.caravan.provider.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A GET on a bare socket, so that the client keeps nothing of the answer in the heap. */
final class RawCall implements AutoCloseable {

    private final Socket socket;
    private final InputStream answer;

    private RawCall(Socket socket) throws IOException {
        this.socket = socket;
        this.answer = socket.getInputStream();
    }

    static RawCall get(URI server) throws IOException {
        Socket socket = new Socket(server.getHost(), server.getPort());
        socket.setSoTimeout(60_000);
        socket.getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new RawCall(socket);
    }

    String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        for (int b = answer.read(); b >= 0; b = answer.read()) {
            head.append((char) b);
            if (head.toString().endsWith("\r\n\r\n")) {
                return head.toString();
            }
        }
        throw new IOException("the answer ended in its head: " + head);
    }

    long countBody() throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long sum = 0;
        for (int count = answer.read(buffer); count >= 0; count = answer.read(buffer)) {
            sum += count;
        }
        return sum;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
