package dev.caravan.watchdog;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Keeps a process's output until its end tells the status: the modes classic and serializing. */
final class BufferedAnswer implements ForkedAnswer {

    /** Small, since there may be many answers at once and a watchdog's heap is small. */
    private static final int MEMORY_LIMIT = 128 * 1024;

    /** How much of an answer is logged. */
    private static final int LOGGED = 1000;

    private final Exchange exchange;
    private final WatchdogSettings settings;
    private final FunctionLog log;
    private final boolean classic;
    private final SpooledOutput output = new SpooledOutput(MEMORY_LIMIT);

    BufferedAnswer(Exchange exchange, WatchdogSettings settings, FunctionLog log) {
        this.exchange = exchange;
        this.settings = settings;
        this.log = log;
        this.classic = settings.mode() == Mode.CLASSIC;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void notStarted(String reason) throws IOException {
        exchange.internal(500, "watchdog", reason);
    }

    @Override
    public void outputLost(String reason) throws IOException {
        exchange.internal(500, "watchdog", reason);
    }

    @Override
    public void tooLate() throws IOException {
        if (classic) {
            exchange.text(408, "Killed process.\n");
        } else {
            exchange.text(500, "signal: killed");
        }
    }

    @Override
    public void bodyFailed() throws IOException {
        exchange.closeAfter();
        exchange.text(classic ? 400 : 500, "the request's body ended early\n");
    }

    @Override
    public void ended(int exitStatus, long nanos) throws IOException {
        String seconds = String.format(Locale.ROOT, "%.6f", nanos / 1e9);
        long bytes = output.size();
        if (exitStatus == 0) {
            exchange.answerHeaders().set("Content-Type", contentType());
            exchange.answerHeaders().set("X-Duration-Seconds", seconds);
            send(200, "");
        } else if (classic) {
            log.line("exit status " + exitStatus);
            exchange.answerHeaders().set("Content-Type", contentType());
            send(500, "exit status " + exitStatus + "\n");
        } else {
            log.line("exit status " + exitStatus);
            exchange.text(500, "exit status " + exitStatus);
        }
        if (classic) {
            report(bytes, seconds);
        }
    }

    private void report(long bytes, String seconds) throws IOException {
        if (settings.log().output()) {
            log.line("Out: " + new String(output.head(LOGGED), StandardCharsets.UTF_8));
            log.line("Duration: " + seconds + " seconds");
        } else {
            log.line("Wrote " + bytes + " Bytes - Duration: " + seconds + "s");
        }
    }

    private void send(int status, String head) throws IOException {
        byte[] first = head.getBytes(StandardCharsets.UTF_8);
        try (BodyOutput body = exchange.answer(status, first.length + output.size())) {
            body.write(first);
            output.copyTo(body);
        }
    }

    /** As set; else the request's; else text when it looks like text. */
    private String contentType() throws IOException {
        if (!settings.contentType().isEmpty()) {
            return settings.contentType();
        }
        String asked = exchange.headers().first("Content-Type", "");
        if (!asked.isBlank()) {
            return asked;
        }
        for (byte b : output.head(512)) {
            if (b >= 0 && b < ' ' && "\t\n\f\r\u001b".indexOf(b) < 0) {
                return "application/octet-stream";
            }
        }
        return Reasons.TEXT;
    }

    /** The mode serializing always logs a success, and log readers know it so. */
    @Override
    public int loggedStatus() {
        return classic ? exchange.status() : 200;
    }

    @Override
    public void close() throws IOException {
        output.close();
    }
}
