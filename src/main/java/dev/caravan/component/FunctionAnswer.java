package dev.caravan.component;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a function answered to a buffered call.
 *
 * @param headers names as sent, repetitions kept, hop-by-hop ones removed
 * @param body at most {@code maxAnswer} bytes of the endpoint, or what the exchange says; shared, not to be changed
 * @param size of the whole body, in bytes; more than there is of it when it was cut
 * @param took from the start of the call to the last byte
 */
@SuppressWarnings("ArrayRecordComponent") // a body is bytes; nobody compares answers
public record FunctionAnswer(int status, Map<String, List<String>> headers, byte[] body, long size, Duration took) {

    /** Whether there was more. */
    public boolean truncated() {
        return body.length < size;
    }
}
