package dev.caravan.component;

/**
 * The names of everything Caravan puts on a Camel exchange, in one place.
 *
 * <p>Message headers are legal JMS property names, so that they survive a queue. No client can set one: every door in
 * drops names that start with {@code Caravan} ({@link HeaderRules}), and no door out lets them leave.
 */
public final class CaravanHeaders {

    /** Message header: the function's name, a DNS label. */
    public static final String FUNCTION = "CaravanFunction";

    /** Message header: the function's namespace, a DNS label. */
    public static final String NAMESPACE = "CaravanNamespace";

    /** Message header: the raw, percent-encoded path that the function sees; starts with a slash. */
    public static final String PATH = "CaravanPath";

    /** Message header: the raw query without its question mark; absent when there is none. */
    public static final String QUERY = "CaravanQuery";

    /** Message header: the call's id, {@code X-Call-Id} on the wire. */
    public static final String CALL_ID = "CaravanCallId";

    /** Message header: when the call came in, as decimal Unix nanoseconds, {@code X-Start-Time} on the wire. */
    public static final String START_TIME = "CaravanStartTime";

    /**
     * Message header: the time at which a {@code clock:} route was to begin, however late it is, as
     * {@code 2026-03-04T05:00:00Z}.
     */
    public static final String DUE = "CaravanDue";

    /**
     * Message header: how many calls in a row led to this one, itself included; {@value #DEPTH_ON_THE_WIRE} on the wire,
     * where functions and callbacks pass it on. Asynchronous calls begin to count; absent for a synchronous call that
     * comes from none of them.
     */
    public static final String DEPTH = "CaravanDepth";

    /** What {@link #DEPTH} is called in requests. */
    public static final String DEPTH_ON_THE_WIRE = "X-Caravan-Depth";

    /** Exchange property: the {@link RequestHead} as it came over the wire. */
    public static final String REQUEST_HEAD = "CaravanRequestHead";

    /**
     * Exchange property: a {@code Map<String, List<String>>} with the exact headers of a buffered function request; when
     * absent, they come from the message.
     */
    public static final String REQUEST_HEADERS = "CaravanRequestHeaders";

    /** Exchange property: the {@link FunctionAnswer} of a buffered call. */
    public static final String FUNCTION_ANSWER = "CaravanFunctionAnswer";

    /** Exchange property: how many bytes of a buffered answer anybody wants, a {@code Long}; all when absent. */
    public static final String MAX_ANSWER = "CaravanMaxAnswer";

    /** Exchange property: the {@link AnswerStream} of a streamed call. */
    public static final String ANSWER_STREAM = "CaravanAnswerStream";

    /** Exchange property: the {@link Cancellation} by which a running call is given up. */
    public static final String CANCELLATION = "CaravanCancellation";

    private CaravanHeaders() {}
}
