package dev.caravan.queue;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is sent instead of a dead letter, in the transaction that takes it.
 *
 * @param queue the physical queue it is sent to
 * @param properties under their JMS names, as {@link CallMessages#properties} makes them; must not ask for a delay,
 *     which brokers schedule outside transactions
 * @param body null for the letter's own
 */
@SuppressWarnings("ArrayRecordComponent") // a body is bytes; nobody compares messages
public record Replacement(String queue, Map<String, Object> properties, byte @Nullable [] body) {}
