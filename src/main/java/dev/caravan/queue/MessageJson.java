package dev.caravan.queue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * JSON in the properties of messages. It is written and read for every call, on a thread that lives as long as the call:
 * Jackson's own buffers are the thread's and would be new each time, a fifth of all that accepting a call allocates.
 */
final class MessageJson {

    private static final JsonFactory SHARED_BUFFERS = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
            .build();

    private MessageJson() {}

    static ObjectMapper mapper() {
        return new ObjectMapper(SHARED_BUFFERS);
    }
}
