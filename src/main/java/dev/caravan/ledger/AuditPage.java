package dev.caravan.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operator actions, newest first.
 *
 * @param next what the next page is asked by; null when this is the last
 */
public record AuditPage(List<AuditEntry> items, @Nullable String next) {

    public AuditPage {
        items = List.copyOf(items);
    }
}
