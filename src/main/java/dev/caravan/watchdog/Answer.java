package dev.caravan.watchdog;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes answers, each with its length. */
final class Answer {

    static final String INTERNAL = "X-OpenFaaS-Internal";
    static final String TEXT = "text/plain; charset=utf-8";

    private Answer() {}

    /** A few words of our own. */
    static void text(HttpExchange exchange, int status, String text) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", TEXT);
        send(exchange, status, text, new SpooledOutput(0));
    }

    /** A failure of ours, not the function's: {@code origin} tells who failed (contract section 2.1). */
    static void internal(HttpExchange exchange, int status, String origin, String line) throws IOException {
        exchange.getResponseHeaders().set(INTERNAL, origin);
        text(exchange, status, line + "\n");
    }

    /** What the function wrote, after {@code head}. */
    static void send(HttpExchange exchange, int status, String head, SpooledOutput output) throws IOException {
        byte[] first = head.getBytes(StandardCharsets.UTF_8);
        long length = first.length + output.size();
        exchange.sendResponseHeaders(status, length == 0 ? -1 : length); // -1: no body; 0 would mean chunks
        if (length > 0) {
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(first);
                output.copyTo(body);
            }
        }
    }
}
