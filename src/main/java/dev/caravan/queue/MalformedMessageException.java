package dev.caravan.queue;

/** A message on a queue of calls is not a call. The message says what is wrong with it, in one line. */
public class MalformedMessageException extends Exception {

    private static final long serialVersionUID = 1L;

    public MalformedMessageException(String message) {
        super(message, null, false, false);
    }
}
