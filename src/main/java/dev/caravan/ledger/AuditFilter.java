package dev.caravan.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which operator actions are wanted; null stands for all.
 *
 * @param who a user's name
 * @param action a route's id
 * @param since done then or later
 * @param until done before then
 */
public record AuditFilter(
        @Nullable String who,
        @Nullable String action,
        @Nullable Instant since,
        @Nullable Instant until) {}
