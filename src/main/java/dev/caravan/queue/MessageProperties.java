package dev.caravan.queue;

/**
 * The properties of a call's message. They are on disk and read by other JMS clients, so they are never renamed; each
 * is a legal Java name because JMS demands it.
 */
public final class MessageProperties {

    /** {@code JMSType} of every call. */
    public static final String TYPE = "call";

    /** Not of the message but of its send. */
    static final String PRIORITY = "JMSPriority";

    /** Layout of the message, {@link #LAYOUT}. */
    public static final String VERSION = "CaravanVersion";

    public static final int LAYOUT = 1;

    public static final String FUNCTION = "CaravanFunction";
    public static final String NAMESPACE = "CaravanNamespace";

    /** The name as the caller wrote it, with or without the namespace: callbacks repeat it (contract section 2.3). */
    public static final String CALLED_AS = "CaravanCalledAs";

    public static final String PATH = "CaravanPath";
    public static final String QUERY = "CaravanQuery";

    /** JSON object: header name → array of values. */
    public static final String HEADERS = "CaravanHeaders";

    public static final String HOST = "CaravanHost";
    public static final String CALLBACK_URL = "CaravanCallbackUrl";
    public static final String PARENT_CALL_ID = "CaravanParentCallId";
    /** Calls of the same function and key run one after the other. */
    public static final String ORDER_KEY = "CaravanOrderKey";

    public static final String GENERATION = "CaravanGeneration";
    public static final String ATTEMPT = "CaravanAttempt";

    /** Milliseconds since the epoch. */
    public static final String SUBMITTED_AT = "CaravanSubmittedAt";

    /** Milliseconds since the epoch; alone decides about age, since the broker restarts a TTL when it delays. */
    public static final String EXPIRES_AT = "CaravanExpiresAt";

    /** JSON array of the latest attempts. */
    public static final String HISTORY = "CaravanHistory";

    /** Where a body above 64 KiB stands, relative to the folder of bodies; the message's own body is then empty. */
    public static final String BODY_FILE = "CaravanBodyFile";

    public static final String REASON = "CaravanReason";
    public static final String STATUS_CODE = "CaravanStatusCode";
    public static final String ERROR = "CaravanError";
    public static final String FINGERPRINT = "CaravanFingerprint";

    /** Milliseconds since the epoch. */
    public static final String DEAD_AT = "CaravanDeadAt";

    /** Milliseconds the broker keeps a message back. */
    public static final String SCHEDULED_DELAY = "AMQ_SCHEDULED_DELAY";

    private MessageProperties() {}
}
