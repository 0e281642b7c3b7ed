package dev.caravan.ledger;

import dev.caravan.function.Call;
import java.time.Instant;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a call's row becomes when one of its messages is taken, when an attempt is settled, and when it is cancelled: the
 * decisions of {@link Ledger} without its disk. Each gives null when nothing changes.
 *
 * <p>That a call ends once, whatever a crash leaves twice and however it is raced, hangs on one guard: what is past
 * changes nothing.
 */
final class Transitions {

    /** Those that hold. */
    static final Transitions RULES = new Transitions(Row::isPast);

    private final BiPredicate<Row, Call> past;

    /** @param past whether what a message says has been settled already; another than ours only to see that it matters */
    Transitions(BiPredicate<Row, Call> past) {
        this.past = past;
    }

    /** A worker has taken the call's message. */
    @Nullable
    Row begun(@Nullable Row row, Call call, Instant now) {
        if (row != null && past.test(row, call)) {
            return null;
        }
        return (row == null ? Row.accepted(call, null) : row).begun(call, now);
    }

    /** An attempt is over. */
    @Nullable
    Row settled(@Nullable Row row, Settlement settlement, Instant now) {
        Call call = settlement.call();
        if (row != null && past.test(row, call)) {
            return null;
        }
        return (row == null ? Row.accepted(call, null) : row).settled(settlement, now);
    }

    /** Somebody wants it no more. What is over stays what it is. */
    @Nullable
    Row cancelled(@Nullable Row row, Instant now) {
        return row == null || row.state().terminal() ? null : row.cancelled(now);
    }
}
