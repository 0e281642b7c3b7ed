package dev.caravan.provider;

import dev.caravan.provider.FunctionProvider.LogLine;
import java.time.Instant;

/**
 * Which of a function's log lines somebody wants.
 *
 * @param instance only this replica's; empty for those of all
 * @param since none that was written before; {@link Instant#MIN} for all that are kept
 * @param tail of what is there already, only the last so many; 0 or less for all
 * @param follow whether to go on with what comes, until the function is deleted
 */
public record LogQuery(String instance, Instant since, int tail, boolean follow) {

    /** All lines that are there now. */
    public static final LogQuery ALL = new LogQuery("", Instant.MIN, 0, false);

    public boolean wants(LogLine line) {
        return (instance.isEmpty() || instance.equals(line.instance()))
                && !line.timestamp().isBefore(since);
    }
}
