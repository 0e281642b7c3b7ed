package dev.caravan.resque;

/**
 * A job that a worker has taken and nobody else has.
 *
 * @param token what it is known by until it is over, a call id; it is not Resque's, which has none
 * @param worker the full id of the worker that has it
 * @param raw the bytes that were pushed, which go back as they are
 */
public record Job(String token, String queue, String worker, int slot, byte[] raw, Payload payload) {}
