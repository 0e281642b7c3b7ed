package dev.caravan.watchdog;

import java.io.IOException;

/** Answers requests by a function, each mode in its way. */
interface FunctionRunner extends AutoCloseable {

    /** Starts what runs between requests, if anything does. */
    default void start() throws IOException {}

    /** Answers, or leaves it without an answer: then the connection is cut. */
    void answer(Exchange exchange) throws IOException, InterruptedException;

    /** Asks what runs between requests to end. */
    default void terminate() {}

    /** Ends everything at once. */
    @Override
    default void close() {}
}
