package dev.caravan.queue;

/**
 * A call is whole but for its body, whose file is gone. What is left says which call it is: one that is over, whose
 * message a crash left behind, is no dead letter.
 */
public final class BodyGoneException extends MalformedMessageException {

    private static final long serialVersionUID = 1L;

    private final transient CallMessage rest;

    BodyGoneException(CallMessage rest) {
        super("the body file " + rest.bodyFile() + " is gone");
        this.rest = rest;
    }

    /** Everything but the body, which is empty here; its reference is kept, should the file come back. */
    public CallMessage rest() {
        return rest;
    }
}
