package dev.caravan.watchdog;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. One thread at a time reads the body and one at a time answers; they may be two, and the
 * answer may begin before the body has ended.
 */
final class Exchange {

    private static final String HTTP_10 = "HTTP/1.0";
    private static final Set<String> VERSIONS = Set.of("HTTP/1.1", HTTP_10);

    private final Wire wire;
    private final String method;
    private String target;
    private final String version;
    private final Headers headers;
    private final BodyInput body;
    private final Headers answerHeaders = new Headers();
    private volatile int status;
    private @Nullable BodyOutput answer;
    private boolean keepAlive;
    private boolean upgraded;
    private boolean abandoned;

    private Exchange(Wire wire, String method, String target, String version, Headers headers, BodyInput body) {
        this.wire = wire;
        this.method = method;
        this.target = target;
        this.version = version;
        this.headers = headers;
        this.body = body;
        Set<String> connection = headers.words("Connection");
        this.keepAlive = version.equals(HTTP_10) ? connection.contains("keep-alive") : !connection.contains("close");
    }

    /**
     * @param pause how long the next bytes of the body may take each time; zero is for ever
     * @throws BadMessageException when it is no request that can be answered
     */
    static Exchange of(Wire wire, MessageHead head, Duration pause) throws IOException {
        String[] words = head.line().split(" ", -1);
        if (words.length != 3 || !MessageHead.isToken(words[0]) || !isTarget(words[1])) {
            throw new BadMessageException(400, "the request line is malformed");
        }
        if (!VERSIONS.contains(words[2])) {
            throw new BadMessageException(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
        }
        int hosts = head.headers().all("Host").size();
        if (hosts > 1 || hosts == 0 && !words[2].equals(HTTP_10)) {
            throw new BadMessageException(400, "a request has one Host header");
        }
        BodyInput body = BodyInput.ofRequest(wire, head.headers());
        body.pausesUpTo(pause);
        Exchange exchange = new Exchange(wire, words[0], origin(words[1]), words[2], head.headers(), body);
        if (exchange.headers.first("Expect", "").equalsIgnoreCase("100-continue")) {
            body.beforeFirst(exchange::askForBody);
        }
        return exchange;
    }

    private static boolean isTarget(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c != 0x7f);
    }

    /** {@code http://host/path} is {@code /path}, as a server is to take it. */
    private static String origin(String target) throws BadMessageException {
        if (target.startsWith("/") || target.equals("*")) {
            return target;
        }
        String lower = target.toLowerCase(Locale.ROOT);
        if (!lower.startsWith("http://") && !lower.startsWith("https://")) {
            throw new BadMessageException(400, "the request's target is no path");
        }
        int path = target.indexOf('/', target.indexOf("://") + 3);
        return path < 0 ? "/" : target.substring(path);
    }

    String method() {
        return method;
    }

    /** Path and query as they came. */
    String target() {
        return target;
    }

    /** The path, decoded; as it came when it cannot be. */
    String path() {
        int query = target.indexOf('?');
        String raw = query < 0 ? target : target.substring(0, query);
        if (raw.indexOf('%') < 0) {
            return raw;
        }
        try {
            return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return raw;
        }
    }

    /** What follows the first question mark, as it came. */
    @Nullable
    String query() {
        int query = target.indexOf('?');
        return query < 0 ? null : target.substring(query + 1);
    }

    /** From here on this is a request for {@code other}. */
    void redirect(String other) {
        target = other;
    }

    Headers headers() {
        return headers;
    }

    BodyInput body() {
        return body;
    }

    /** Whether the request has a body that was not read yet to its end. */
    boolean hasBody() {
        return !body.isFinished();
    }

    /** Whether nobody waits for the answer any more, as far as it can be told without waiting. */
    boolean isClientGone() {
        return body.isFinished() && wire.isGone();
    }

    Headers answerHeaders() {
        return answerHeaders;
    }

    /** What was answered; zero before. */
    int status() {
        return status;
    }

    /** How much of the answer's body was written. */
    long written() {
        BodyOutput begun = answer;
        return begun == null ? 0 : begun.written();
    }

    /** Sends hints before the answer; who speaks HTTP/1.0 does not know them. */
    void hint(int interim, Headers hints) throws IOException {
        if (!version.equals(HTTP_10)) {
            head(interim, "", hints);
            wire.output().flush();
        }
    }

    /**
     * Begins the answer; it is sent with the first bytes of the body, or when that ends.
     *
     * @param length of the body; negative when it is not known
     */
    BodyOutput answer(int code, long length) throws IOException {
        return answer(code, Reasons.of(code), length);
    }

    BodyOutput answer(int code, String reason, long length) throws IOException {
        if (status != 0) {
            throw new IllegalStateException("the request was answered");
        }
        status = code;
        boolean bodiless = code == 204 || code == 304 || method.equals("HEAD");
        BodyOutput.Framing framing = bodiless ? BodyOutput.Framing.NONE : framing(length);
        if (length >= 0 && code != 204) {
            answerHeaders.set("Content-Length", Long.toString(length));
        } else if (framing == BodyOutput.Framing.CHUNKS) {
            answerHeaders.set("Transfer-Encoding", "chunked");
        }
        keepAlive &= framing != BodyOutput.Framing.CONNECTION;
        if (!keepAlive) {
            answerHeaders.set("Connection", "close");
        } else if (version.equals(HTTP_10)) {
            answerHeaders.set("Connection", "keep-alive");
        }
        head(code, reason, answerHeaders);
        BodyOutput begun = new BodyOutput(wire.output(), framing, length);
        answer = begun;
        return begun;
    }

    private BodyOutput.Framing framing(long length) {
        if (length >= 0) {
            return BodyOutput.Framing.LENGTH;
        }
        return version.equals(HTTP_10) ? BodyOutput.Framing.CONNECTION : BodyOutput.Framing.CHUNKS;
    }

    /** Answers without a body. */
    void empty(int code) throws IOException {
        answer(code, 0).close();
    }

    /** A few words of our own. */
    void text(int code, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        answerHeaders.set("Content-Type", Reasons.TEXT);
        try (BodyOutput output = answer(code, bytes.length)) {
            output.write(bytes);
        }
    }

    /** A failure of ours, not the function's: {@code origin} tells who failed (contract section 2.1). */
    void internal(int code, String origin, String line) throws IOException {
        answerHeaders.set(Reasons.INTERNAL, origin);
        text(code, line + "\n");
    }

    /** Hands the connection over to whoever speaks another protocol on it. */
    Wire upgrade(String reason, Headers with) throws IOException {
        status = 101;
        upgraded = true;
        head(101, reason, with);
        wire.output().flush();
        wire.within(Duration.ZERO);
        return wire;
    }

    /** After this answer the connection closes. */
    void closeAfter() {
        keepAlive = false;
    }

    /** Somebody still reads the body and will not stop: the connection ends with this answer. */
    void abandon() {
        abandoned = true;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /**
     * What is to be done once it was handled.
     *
     * @return whether another request may follow on the connection
     */
    boolean mayFollow() {
        BodyOutput begun = answer;
        return !upgraded && !abandoned && keepAlive && begun != null && begun.isEnded() && body.isFinished();
    }

    /** Whether the answer is complete, and only the request's body stands in the way of the next request. */
    boolean isAnswered() {
        BodyOutput begun = answer;
        return begun != null && begun.isEnded();
    }

    /** The rest of the body would be read for nothing: whoever waits to send it must not be asked for it. */
    private void askForBody() {
        if (status != 0) {
            return;
        }
        try {
            wire.write("HTTP/1.1 100 Continue\r\n\r\n");
            wire.output().flush();
        } catch (IOException e) {
            wire.close(); // who cannot be written to is not read from either
        }
    }

    private void head(int code, String reason, Headers with) throws IOException {
        StringBuilder head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(code).append(' ').append(reason).append("\r\n");
        for (Headers.Field field : with.fields()) {
            head.append(field.name()).append(": ").append(field.value()).append("\r\n");
        }
        wire.write(head.append("\r\n").toString());
    }
}
