package dev.caravan.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What becomes of dead letters.
 *
 * @param keep zero for ever
 */
public record DeadLetterSettings(Duration keep, Duration keepDeleted, int replayLimit) {

    static final Setting<Duration> KEEP = new Setting<>(
            "CARAVAN_KEEP_DEAD_LETTERS",
            "0",
            "Dead letters older than this are written to a file in the data folder's `exported-dead-letters` and then"
                    + " go; 0 keeps them for ever.",
            Durations::parse);
    static final Setting<Duration> KEEP_DELETED =
            Setting.duration("CARAVAN_KEEP_DELETED_LETTERS", "24h", "How long a deleted dead letter can be restored.");
    static final Setting<Integer> REPLAY_LIMIT = Setting.number(
            "CARAVAN_REPLAY_LIMIT",
            10,
            1,
            1_000_000,
            "A dead letter that was replayed so often is refused by bulk replays, unless they are forced.");

    static final List<Setting<?>> ALL = List.of(KEEP, KEEP_DELETED, REPLAY_LIMIT);

    static DeadLetterSettings from(Map<String, String> environment) {
        return new DeadLetterSettings(KEEP.in(environment), KEEP_DELETED.in(environment), REPLAY_LIMIT.in(environment));
    }
}
