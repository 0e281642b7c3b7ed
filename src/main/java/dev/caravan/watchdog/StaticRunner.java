package dev.caravan.watchdog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers with files of a folder; a folder in it is its {@code index.html}. What leads out of it is not there. */
final class StaticRunner implements FunctionRunner {

    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

    /** RFC 9110, 5.6.7. */
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("gif", "image/gif"),
            Map.entry("htm", "text/html; charset=utf-8"),
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("mjs", "text/javascript; charset=utf-8"),
            Map.entry("pdf", "application/pdf"),
            Map.entry("png", "image/png"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("txt", Reasons.TEXT),
            Map.entry("wasm", "application/wasm"),
            Map.entry("webp", "image/webp"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("xml", "text/xml; charset=utf-8"));

    private final Path folder;
    private final CallLog calls;

    StaticRunner(WatchdogSettings settings, FunctionLog log) {
        this.folder = settings.staticPath();
        this.calls = new CallLog(settings, log);
    }

    @Override
    public void answer(Exchange exchange) throws IOException {
        long begin = System.nanoTime();
        if (exchange.method().equals("GET") || exchange.method().equals("HEAD")) {
            look(exchange);
        } else {
            exchange.answerHeaders().set("Allow", "GET, HEAD");
            exchange.text(405, "405 method not allowed\n");
        }
        calls.done(exchange, Integer.toString(exchange.status()), System.nanoTime() - begin);
    }

    private void look(Exchange exchange) throws IOException {
        Path file;
        try {
            Path root = folder.toRealPath();
            file = root.resolve(exchange.path().substring(1)).toRealPath();
            if (!file.startsWith(root)) {
                throw new IOException("outside");
            }
            if (Files.isDirectory(file)) {
                if (!exchange.path().endsWith("/")) {
                    String name = exchange.path().substring(exchange.path().lastIndexOf('/') + 1);
                    exchange.answerHeaders().set("Location", name + "/"); // relative: we know no outer path
                    exchange.empty(301);
                    return;
                }
                file = file.resolve("index.html").toRealPath();
                if (!file.startsWith(root)) {
                    throw new IOException("outside");
                }
            }
        } catch (IOException | InvalidPathException | IndexOutOfBoundsException e) {
            exchange.text(404, "404 page not found\n"); // why is nobody's business
            return;
        }
        send(exchange, file);
    }

    private void send(Exchange exchange, Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile() || !Files.isReadable(file)) {
            exchange.text(404, "404 page not found\n");
            return;
        }
        Instant changed = attributes.lastModifiedTime().toInstant().truncatedTo(ChronoUnit.SECONDS);
        Headers headers = exchange.answerHeaders();
        headers.set("Last-Modified", DATE.format(changed));
        if (isKnown(exchange.headers().first("If-Modified-Since", ""), changed)) {
            exchange.answer(304, -1).close();
            return;
        }
        headers.set("Content-Type", type(file));
        headers.set("Accept-Ranges", "bytes");
        long size = attributes.size();
        Matcher range = RANGE.matcher(exchange.headers().first("Range", ""));
        if (!range.matches()
                || range.group(1).isEmpty() && range.group(2).isEmpty()
                || exchange.headers().has("If-Range")) {
            part(exchange, 200, file, 0, size);
            return;
        }
        boolean tail = range.group(1).isEmpty();
        long first = tail ? Math.max(0, size - Long.parseLong(range.group(2))) : Long.parseLong(range.group(1));
        long last = tail || range.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(range.group(2)));
        if (first > last) {
            headers.set("Content-Range", "bytes */" + size);
            exchange.text(416, "invalid range: failed to overlap\n");
        } else {
            headers.set("Content-Range", "bytes " + first + "-" + last + "/" + size);
            part(exchange, 206, file, first, last - first + 1);
        }
    }

    private static void part(Exchange exchange, int status, Path file, long first, long length) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            content.skipNBytes(first);
            BodyOutput body = exchange.answer(status, length);
            byte[] buffer = new byte[64 * 1024];
            long left = exchange.method().equals("HEAD") ? 0 : length;
            while (left > 0) {
                int count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    return; // it was cut short meanwhile: the connection is, too
                }
                body.write(buffer, 0, count);
                left -= count;
            }
            body.close();
        }
    }

    private static boolean isKnown(String since, Instant changed) {
        try {
            return !since.isEmpty() && !changed.isAfter(Instant.from(DATE.parse(since)));
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static String type(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
    }
}
