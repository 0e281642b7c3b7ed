package dev.caravan.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some dead letters, newest first, without their content.
 *
 * @param next the cursor of the following page; null when this is the last
 * @param total how many match the filter
 */
public record DeadLetterPage(
        List<DeadLetter> items, @Nullable String next, long total) {

    public DeadLetterPage {
        items = List.copyOf(items);
    }
}
