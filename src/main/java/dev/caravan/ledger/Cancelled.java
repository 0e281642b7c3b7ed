package dev.caravan.ledger;

/**
 * What came of cancelling a call.
 *
 * @param call as it is now, on disk: cancelled, or what it had become before
 * @param first whether it was this that cancelled it
 */
public record Cancelled(CallStatus call, boolean first) {}
