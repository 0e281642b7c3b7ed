package dev.caravan.telemetry;

import dev.caravan.telemetry.Track.Kind;
import java.util.List;

/** How one function went. What it takes of memory stands at {@link History#MOST}. */
final class FunctionTrack {

    /** In this order; the times in milliseconds. */
    static final List<String> FIGURES = List.of(
            "answered",
            "failed",
            "accepted",
            "finished",
            "retried",
            "waiting",
            "oldestMillis",
            "runP50Millis",
            "runP95Millis",
            "runP99Millis",
            "waitP50Millis",
            "waitP95Millis",
            "waitP99Millis");

    /** Flows, levels, and behind them the percentiles. */
    static final int COUNTED = 7;

    final Track track = new Track(
            Kind.FLOW,
            Kind.FLOW,
            Kind.FLOW,
            Kind.FLOW,
            Kind.FLOW,
            Kind.LEVEL,
            Kind.LEVEL,
            Kind.LATEST,
            Kind.LATEST,
            Kind.LATEST,
            Kind.LATEST,
            Kind.LATEST,
            Kind.LATEST);

    private final Percentiles run = new Percentiles();
    private final Percentiles wait = new Percentiles();

    /**
     * @param step never less than before
     * @param counted the first {@value #COUNTED} figures
     * @param ran what is new here is moved away from it
     * @param waited likewise
     */
    void add(long step, int[] counted, TimeBuckets ran, TimeBuckets waited) {
        run.take(step, ran);
        wait.take(step, waited);
        int[] close = new int[FIGURES.size()];
        int[] rough = new int[FIGURES.size()];
        System.arraycopy(counted, 0, close, 0, COUNTED);
        System.arraycopy(counted, 0, rough, 0, COUNTED);
        run.writeClose(close, COUNTED);
        run.writeRough(rough, COUNTED);
        wait.writeClose(close, COUNTED + Percentiles.OF.length);
        wait.writeRough(rough, COUNTED + Percentiles.OF.length);
        track.add(step, close, rough);
    }
}
