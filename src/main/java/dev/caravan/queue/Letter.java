package dev.caravan.queue;

import dev.caravan.function.CallId;

/** What a dead letter on its queue is known by. */
public record Letter(CallId callId, int generation) {}
