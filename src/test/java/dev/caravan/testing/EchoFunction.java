package dev.caravan.testing;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A function that sends back what it is sent while it is being sent: a process in mode {@code http}. */
public final class EchoFunction {

    private static final int BLOCK = 64 * 1024;

    private EchoFunction() {}

    /** How to start it, as a command without spaces in its words. */
    public static String command() {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String tests = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.contains("test-classes"))
                .findFirst()
                .orElseThrow();
        return String.join(
                " ", java.toString(), "-Xmx64m", "-XX:+UseSerialGC", "-cp", tests, "dev.caravan.testing.EchoFunction");
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        ExecutorService threads = Executors.newCachedThreadPool();
        try (var server = new ServerSocket(port, 128, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket connection = server.accept();
                threads.execute(() -> serve(connection));
            }
        }
    }

    private static void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            var in = new BufferedInputStream(connection.getInputStream(), BLOCK);
            var out = new BufferedOutputStream(connection.getOutputStream(), BLOCK);
            for (HttpMessage head = HttpMessage.head(in); head != null; head = HttpMessage.head(in)) {
                answer(head, in, out);
                out.flush();
            }
        } catch (IOException gone) {
            // The gateway closed the connection, as it may.
        }
    }

    private static void answer(HttpMessage head, InputStream in, OutputStream out) throws IOException {
        String length = head.value("content-length");
        boolean chunked = "chunked".equalsIgnoreCase(head.value("transfer-encoding"));
        boolean silent = head.start().startsWith("HEAD ");
        write(out, "HTTP/1.1 200 OK\r\n");
        write(
                out,
                chunked
                        ? "Transfer-Encoding: chunked\r\n\r\n"
                        : "Content-Length: " + (length == null ? "0" : length) + "\r\n\r\n");
        if (chunked) {
            for (int size = HttpMessage.chunkSize(in); size > 0; size = HttpMessage.chunkSize(in)) {
                byte[] chunk = HttpMessage.exactly(in, size);
                HttpMessage.exactly(in, 2);
                if (!silent) {
                    write(out, Integer.toHexString(size) + "\r\n");
                    out.write(chunk);
                    write(out, "\r\n");
                    out.flush();
                }
            }
            skipTrailers(in);
            write(out, silent ? "" : "0\r\n\r\n");
        } else if (length != null) {
            copy(in, silent ? OutputStream.nullOutputStream() : out, Long.parseLong(length));
        }
    }

    private static void skipTrailers(InputStream in) throws IOException {
        int length;
        do {
            length = 0;
            for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
                length += b == '\r' ? 0 : 1;
            }
        } while (length > 0);
    }

    private static void copy(InputStream in, OutputStream out, long length) throws IOException {
        byte[] block = new byte[BLOCK];
        for (long left = length; left > 0; ) {
            int count = in.read(block, 0, (int) Math.min(block.length, left));
            if (count < 0) {
                throw new IOException("the body was cut");
            }
            out.write(block, 0, count);
            left -= count;
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
