package dev.caravan.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An HTTP/1.1 message read off a socket byte by byte, so that tests see what is really on the wire.
 *
 * @param start the request or status line
 * @param headers {@code Name: value} lines as sent
 */
public record HttpMessage(String start, List<String> headers, String body) {

    /** Reads the head only; null at the end of the stream. */
    public static HttpMessage head(InputStream in) throws IOException {
        String start = line(in);
        if (start == null) {
            return null;
        }
        List<String> headers = new ArrayList<>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            headers.add(line);
        }
        return new HttpMessage(start, headers, "");
    }

    /** Reads head and body; an answer without length is read to the end of the stream. */
    public static HttpMessage read(InputStream in) throws IOException {
        HttpMessage head = head(in);
        return head == null ? null : new HttpMessage(head.start, head.headers, head.bodyFrom(in));
    }

    public String bodyFrom(InputStream in) throws IOException {
        boolean request = start.endsWith("HTTP/1.1") || start.endsWith("HTTP/1.0");
        var body = new ByteArrayOutputStream();
        if ("chunked".equals(value("transfer-encoding"))) {
            for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
                body.write(exactly(in, size));
                line(in);
            }
            line(in);
        } else if (value("content-length") != null) {
            body.write(exactly(in, Integer.parseInt(value("content-length"))));
        } else if (!request && status() >= 200 && status() != 204 && status() != 304) {
            in.transferTo(body);
        }
        return body.toString(StandardCharsets.ISO_8859_1);
    }

    public int status() {
        return Integer.parseInt(start.split(" ", 3)[1]);
    }

    /** The first value of a header; null when there is none. */
    public String value(String name) {
        return values(name).stream().findFirst().orElse(null);
    }

    public List<String> values(String name) {
        return headers.stream()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip())
                .toList();
    }

    /** The size line of the next chunk. */
    public static int chunkSize(InputStream in) throws IOException {
        String line = line(in);
        if (line == null) {
            throw new EOFException("the chunked body was cut");
        }
        return Integer.parseInt(line.strip(), 16);
    }

    public static byte[] exactly(InputStream in, int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("the body was cut after " + bytes.length + " of " + size + " bytes");
        }
        return bytes;
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(b);
        }
        return null;
    }
}
