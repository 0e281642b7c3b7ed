package dev.caravan.queue;

import java.io.IOException;
import java.io.InterruptedIOException;
import org.apache.activemq.util.DefaultIOExceptionHandler;

/**
 * Stops the broker when its disk fails, but not when a sender was interrupted while it waited for the disk: senders in
 * this process do the store's work on their own threads, and a route that is stopped interrupts its own. Such a send
 * fails for its sender alone; nothing was promised to anybody.
 */
final class InterruptsAreTheSenders extends DefaultIOExceptionHandler {

    @Override
    public void handle(IOException failure) {
        if (!(failure instanceof InterruptedIOException)) {
            super.handle(failure);
        }
    }
}
