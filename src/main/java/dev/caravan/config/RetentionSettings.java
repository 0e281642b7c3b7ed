package dev.caravan.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How much is kept of what is over. */
public record RetentionSettings(
        long resultLimit,
        long requestLimit,
        Duration keepCalls,
        Duration keepResults,
        long resultsSize,
        Duration keepAudit) {

    /** What the ledger takes in one value. */
    private static final long LARGEST_RESULT = 1 << 20;

    static final Setting<Long> RESULT_LIMIT = new Setting<>(
            "CARAVAN_RESULT_LIMIT",
            "1MiB",
            "Largest body of a result that is kept, at most `1MiB`; of a larger one only the size is known.",
            RetentionSettings::size);
    static final Setting<Long> REQUEST_LIMIT = new Setting<>(
            "CARAVAN_REQUEST_LIMIT",
            "0",
            "Largest request that is kept beside its result, at most `1MiB`, to be shown and searched; `0`: none is.",
            RetentionSettings::size);
    static final Setting<Duration> KEEP_CALLS = Setting.duration(
            "CARAVAN_KEEP_CALLS",
            "168h",
            "How long finished calls and their attempts are kept; a dead call stays while its dead letter does.");
    static final Setting<Duration> KEEP_RESULTS =
            Setting.duration("CARAVAN_KEEP_RESULTS", "24h", "How long results are kept after the call was over.");
    static final Setting<Long> RESULTS_SIZE = Setting.size(
            "CARAVAN_RESULTS_SIZE", "1GiB", "Room for the bodies of results; the oldest go first when there are more.");

    static final Setting<Duration> KEEP_AUDIT =
            Setting.duration("CARAVAN_KEEP_AUDIT", "2160h", "How long it is kept what operators did.");

    static final List<Setting<?>> ALL =
            List.of(RESULT_LIMIT, REQUEST_LIMIT, KEEP_CALLS, KEEP_RESULTS, RESULTS_SIZE, KEEP_AUDIT);

    static RetentionSettings from(Map<String, String> environment) {
        return new RetentionSettings(
                RESULT_LIMIT.in(environment),
                REQUEST_LIMIT.in(environment),
                KEEP_CALLS.in(environment),
                KEEP_RESULTS.in(environment),
                RESULTS_SIZE.in(environment),
                KEEP_AUDIT.in(environment));
    }

    private static long size(String text) {
        long bytes = Sizes.parse(text);
        if (bytes > LARGEST_RESULT) {
            throw new IllegalArgumentException("must be at most 1MiB");
        }
        return bytes;
    }
}
