package dev.caravan.watchdog;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Passes a process's output on as it comes: the mode streaming. The status is told before the end is known, so it is
 * always 200.
 */
final class StreamedAnswer implements ForkedAnswer {

    private final Exchange exchange;
    private final WatchdogSettings settings;
    private final FunctionLog log;
    private @Nullable BodyOutput body;
    private int loggedStatus = 200;

    StreamedAnswer(Exchange exchange, WatchdogSettings settings, FunctionLog log) {
        this.exchange = exchange;
        this.settings = settings;
        this.log = log;
    }

    @Override
    public OutputStream output() {
        return new OutputStream() {

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                pass(bytes, offset, length);
            }
        };
    }

    private synchronized void pass(byte[] bytes, int offset, int length) throws IOException {
        BodyOutput begun = body;
        if (begun == null) {
            begun = begin(-1);
        }
        begun.write(bytes, offset, length);
        begun.flush();
    }

    private BodyOutput begin(long length) throws IOException {
        exchange.answerHeaders().set("Content-Type", settings.contentType());
        BodyOutput begun = exchange.answer(200, length);
        body = begun;
        return begun;
    }

    @Override
    public void notStarted(String reason) throws IOException {
        loggedStatus = 500;
        end();
    }

    @Override
    public void tooLate() throws IOException {
        loggedStatus = 500;
        end();
    }

    /** Whoever sent half a body gets no whole answer: the connection is cut. */
    @Override
    public void bodyFailed() {
        loggedStatus = 500;
    }

    @Override
    public void outputLost(String reason) {
        log.line(reason);
        loggedStatus = 500;
    }

    @Override
    public void ended(int exitStatus, long nanos) throws IOException {
        if (exitStatus != 0) {
            log.line("exit status " + exitStatus);
            loggedStatus = 500;
        }
        end();
    }

    private synchronized void end() throws IOException {
        BodyOutput begun = body;
        if (begun == null) {
            begun = begin(0);
        }
        begun.close();
    }

    @Override
    public int loggedStatus() {
        return loggedStatus;
    }

    @Override
    public void close() {
        // what was written is sent
    }
}
