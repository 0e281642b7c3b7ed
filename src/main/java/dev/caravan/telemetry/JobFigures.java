package dev.caravan.telemetry;

import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the bridge to Resque is asked for metrics; none of it may wait.
 *
 * @param taken jobs since the start
 * @param processed those that are over since then, however they ended
 * @param failed those of them that failed
 * @param running that a route is at now
 * @param depths jobs on each of Resque's queues; none while that is not known
 */
public record JobFigures(
        LongSupplier taken,
        LongSupplier processed,
        LongSupplier failed,
        LongSupplier running,
        Supplier<Map<String, Long>> depths) {}
