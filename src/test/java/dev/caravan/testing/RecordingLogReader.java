package dev.caravan.testing;

import dev.caravan.provider.FunctionProvider.LogLine;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Reads a log as fast as it is told to. */
public final class RecordingLogReader implements Flow.Subscriber<LogLine> {

    private final List<LogLine> lines = new CopyOnWriteArrayList<>();
    private volatile Flow.@Nullable Subscription subscription;
    private volatile @Nullable Throwable failure;
    private volatile boolean over;

    public void request(long count) {
        Objects.requireNonNull(subscription).request(count);
    }

    public void cancel() {
        Objects.requireNonNull(subscription).cancel();
    }

    public List<LogLine> lines() {
        return List.copyOf(lines);
    }

    public List<String> texts() {
        return lines.stream().map(LogLine::text).toList();
    }

    /** Whether the end or a failure was told. */
    public boolean over() {
        return over;
    }

    public @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void onSubscribe(Flow.Subscription made) {
        subscription = made;
    }

    @Override
    public void onNext(LogLine line) {
        lines.add(line);
    }

    @Override
    public void onError(Throwable thrown) {
        failure = thrown;
        over = true;
    }

    @Override
    public void onComplete() {
        over = true;
    }
}
