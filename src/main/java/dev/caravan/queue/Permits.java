package dev.caravan.queue;

import java.util.concurrent.Semaphore;

/** Permits whose number may change while some are held: what is too many is not given out again. */
final class Permits extends Semaphore {

    private static final long serialVersionUID = 1L;

    Permits(int permits) {
        // Fair: a function's next call waits behind what other functions already wait for.
        super(permits, true);
    }

    /** @param difference how many more, or fewer when it is negative */
    void change(int difference) {
        if (difference > 0) {
            release(difference);
        } else {
            reducePermits(-difference);
        }
    }
}
