package dev.caravan.watchdog;

import java.io.IOException;
import java.io.OutputStream;

/** What becomes of the output and of the end of a process that answers one request (contract section 6.3). */
interface ForkedAnswer extends AutoCloseable {

    /** Takes the process's output; fails when nobody wants it any more. */
    OutputStream output();

    /** There is no process, for a reason in one readable line. */
    void notStarted(String reason) throws IOException;

    /** It was ended because it took too long. */
    void tooLate() throws IOException;

    /** It was ended because the request's body could not be read. */
    void bodyFailed() throws IOException;

    /** It has ended, but its output is not to be had, for a reason in one readable line. */
    void outputLost(String reason) throws IOException;

    /** It has ended and so has its output. */
    void ended(int exitStatus, long nanos) throws IOException;

    /** What the log says was answered: not always what was. */
    int loggedStatus();

    @Override
    void close() throws IOException;
}
