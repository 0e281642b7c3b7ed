package dev.caravan.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some calls, newest first.
 *
 * @param next the cursor of the following page; null when this is the last
 */
public record CallPage(List<CallStatus> items, @Nullable String next) {

    public CallPage {
        items = List.copyOf(items);
    }
}
