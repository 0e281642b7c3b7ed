package dev.caravan.component;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a function answered to a buffered call.
 *
 * @param headers names as sent, repetitions kept, hop-by-hop ones removed
 * @param body at most the endpoint's {@code maxAnswer} bytes; shared, not to be changed
 * @param truncated whether there was more
 * @param took from the start of the call to the last byte
 */
@SuppressWarnings("ArrayRecordComponent") // a body is bytes; nobody compares answers
public record FunctionAnswer(
        int status, Map<String, List<String>> headers, byte[] body, boolean truncated, Duration took) {}
