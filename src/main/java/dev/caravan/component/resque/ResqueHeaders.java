package dev.caravan.component.resque;

/** What a message says of a Resque job. The names are those that functions see. */
public final class ResqueHeaders {

    /** The job's class, {@code Billing::Charge}. */
    public static final String CLASS = "X-Resque-Class";

    /** The queue it was taken from, or is put on by {@code resque:*}. */
    public static final String QUEUE = "X-Resque-Queue";

    /** How long a scheduler shall wait before it puts the job on its queue: Go syntax or bare seconds. */
    public static final String DELAY = "X-Delay";

    private ResqueHeaders() {}
}
