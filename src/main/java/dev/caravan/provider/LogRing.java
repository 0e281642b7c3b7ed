package dev.caravan.provider;

import dev.caravan.function.FunctionName;
import dev.caravan.provider.FunctionProvider.LogLine;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a function's replicas wrote last, in memory, for any number of readers.
 *
 * <p>It keeps {@value #MAX_LINES} lines, fewer when they are long. Readers have no buffers of their own, each has a place
 * in the ring: one that is so slow that lines were overwritten before it read them is told how many, and memory stays
 * the same. For any thread; nothing here waits for a reader.
 */
public final class LogRing implements AutoCloseable {

    static final int MAX_LINES = 1_000;

    /** All lines together: a thousand of the longest would be 16 MiB for each function. */
    static final int MAX_CHARACTERS = 1 << 20;

    /** Who says so when lines were dropped: no replica is called that. */
    private static final String OURS = "caravan";

    private static final Logger LOG = LoggerFactory.getLogger(LogRing.class);

    private final FunctionName function;
    private final InstantSource clock;
    private final @Nullable LogLine[] lines = new LogLine[MAX_LINES];
    private final List<Reader> readers = new CopyOnWriteArrayList<>();

    /** Numbers of lines, counted from the first ever: the oldest that is kept, and the next to come. */
    private long oldest;

    private long next;
    private int characters;
    private boolean closed;

    public LogRing(FunctionName function, InstantSource clock) {
        this.function = function;
        this.clock = clock;
    }

    /** Takes a line that is written now, and hands it to those who follow. */
    public void add(String instance, String text) {
        add(instance, clock.instant(), text);
    }

    /** Takes a line that was written then. */
    public void add(String instance, Instant written, String text) {
        synchronized (this) {
            if (closed) {
                return;
            }
            while (next - oldest == MAX_LINES || next > oldest && characters + text.length() > MAX_CHARACTERS) {
                characters -= at(oldest).text().length();
                lines[(int) (oldest++ % MAX_LINES)] = null;
            }
            lines[(int) (next++ % MAX_LINES)] = new LogLine(function, instance, written, text);
            characters += text.length();
        }
        readers.forEach(Reader::advance);
    }

    /** The lines that {@code query} asks for, in the terms of {@link FunctionProvider#logs}. */
    public Flow.Publisher<LogLine> read(LogQuery query) {
        return subscriber -> new Reader(subscriber, query).begin();
    }

    /** How many read and have neither reached the end nor gone. */
    public int readers() {
        return readers.size();
    }

    /** The function is gone: readers get what is left and the end. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        readers.forEach(Reader::advance);
    }

    private LogLine at(long number) {
        LogLine line = lines[(int) (number % MAX_LINES)];
        if (line == null) {
            throw new IllegalStateException("line " + number + " is not in the ring");
        }
        return line;
    }

    /** One who reads, and where in the ring. */
    private final class Reader implements Flow.Subscription {

        private final Flow.Subscriber<? super LogLine> subscriber;
        private final LogQuery query;
        private final AtomicLong wanted = new AtomicLong();

        /** How often there may be something to do; whoever raises it from 0 does it, so lines never overtake. */
        private final AtomicInteger occasions = new AtomicInteger(1);

        private volatile boolean over;
        private long place;
        private long end;

        Reader(Flow.Subscriber<? super LogLine> subscriber, LogQuery query) {
            this.subscriber = subscriber;
            this.query = query;
        }

        void begin() {
            synchronized (LogRing.this) {
                place = start();
                end = query.follow() ? Long.MAX_VALUE : next;
            }
            readers.add(this);
            subscriber.onSubscribe(this);
            work(1);
        }

        private long start() {
            if (query.tail() <= 0) {
                return oldest;
            }
            long start = next;
            for (int found = 0; start > oldest && found < query.tail(); start--) {
                if (query.wants(at(start - 1))) {
                    found++;
                }
            }
            return start;
        }

        @Override
        public void request(long count) {
            if (count <= 0) {
                leave();
                subscriber.onError(new IllegalArgumentException("asked for " + count + " lines"));
                return;
            }
            wanted.accumulateAndGet(count, (before, more) -> before + more < 0 ? Long.MAX_VALUE : before + more);
            advance();
        }

        @Override
        public void cancel() {
            leave();
        }

        private void leave() {
            over = true;
            readers.remove(this);
        }

        void advance() {
            if (occasions.getAndIncrement() == 0) {
                work(1);
            }
        }

        private void work(int seen) {
            for (int left = seen; left != 0; left = occasions.addAndGet(-left)) {
                try {
                    deliver();
                } catch (RuntimeException e) {
                    // On a thread that carries the function's output, which must go on.
                    LOG.error("log reader failed function={}", function, e);
                    leave();
                }
            }
        }

        private void deliver() {
            while (!over) {
                LogLine line = wanted.get() > 0 ? take() : null;
                if (line != null) {
                    wanted.decrementAndGet();
                    subscriber.onNext(line);
                } else if (atEnd()) {
                    leave();
                    subscriber.onComplete();
                } else {
                    return;
                }
            }
        }

        private @Nullable LogLine take() {
            synchronized (LogRing.this) {
                if (place < oldest) {
                    long dropped = oldest - place;
                    place = oldest;
                    return new LogLine(
                            function, OURS, clock.instant(), dropped + " lines dropped: they were read too slowly");
                }
                while (place < Math.min(next, end)) {
                    LogLine line = at(place++);
                    if (query.wants(line)) {
                        return line;
                    }
                }
                return null;
            }
        }

        private boolean atEnd() {
            synchronized (LogRing.this) {
                return place >= end || closed && place >= next;
            }
        }
    }
}
