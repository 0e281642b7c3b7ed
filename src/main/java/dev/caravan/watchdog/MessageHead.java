package dev.caravan.watchdog;

import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The first line of an HTTP/1 message and its header (RFC 9112), read strictly: what two readers could understand in two
 * ways is refused.
 */
record MessageHead(String line, Headers headers) {

    /** As Go's server allows. */
    private static final int LIMIT = 1024 * 1024;

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /**
     * @return null when the connection ends before a message begins
     * @throws BadMessageException when it is none
     */
    static @Nullable MessageHead read(Wire wire) throws IOException {
        String first = wire.line(LIMIT);
        if (first != null && first.isEmpty()) {
            first = wire.line(LIMIT); // RFC 9112, 2.2: one empty line before a request is forgiven
        }
        return first == null ? null : new MessageHead(first, fields(wire, LIMIT - first.length()));
    }

    /** Header fields, or the trailers after a body, up to the empty line. */
    static Headers fields(Wire wire, int limit) throws IOException {
        Headers headers = new Headers();
        int left = limit;
        while (true) {
            String line = wire.line(left);
            if (line == null) {
                throw new IOException("the connection ended within a header");
            }
            if (line.isEmpty()) {
                return headers;
            }
            left -= line.length();
            int colon = line.indexOf(':');
            if (colon < 0 || !isToken(line.substring(0, colon)) || !isText(line)) {
                throw new BadMessageException(400, "a header line is malformed");
            }
            headers.add(line.substring(0, colon), line.substring(colon + 1).strip());
        }
    }

    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    private static boolean isText(String line) {
        return line.chars().allMatch(c -> c >= ' ' && c != 0x7f || c == '\t');
    }
}
