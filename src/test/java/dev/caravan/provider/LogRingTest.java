package dev.caravan.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.FunctionName;
import dev.caravan.provider.FunctionProvider.LogLine;
import dev.caravan.testing.RecordingLogReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogRingTest {

    private static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");

    private final AtomicReference<Instant> clock = new AtomicReference<>(NOON);
    private final LogRing ring = new LogRing(new FunctionName("talker", "openfaas-fn"), clock::get);

    @Test
    void tellsWhatItHasAndEnds() {
        write("one", "two");

        RecordingLogReader reader = reader(LogQuery.ALL, 10);

        assertThat(reader.texts()).containsExactly("one", "two");
        assertThat(reader.over()).isTrue();
        assertThat(ring.readers()).isZero();
    }

    @Test
    void anEmptyLogEndsAtOnceUnlessItIsFollowed() {
        assertThat(reader(LogQuery.ALL, 1).over()).isTrue();
        assertThat(reader(following(0), 1).over()).isFalse();
    }

    @Test
    void theTailIsCountedAmongTheLinesThatAreWanted() {
        write("early");
        clock.set(NOON.plusSeconds(60));
        ring.add("talker-1", "a");
        ring.add("talker-2", "x");
        ring.add("talker-1", "b");
        ring.add("talker-2", "y");

        assertThat(reader(new LogQuery("talker-1", Instant.MIN, 2, false), 9).texts())
                .containsExactly("a", "b");
        assertThat(reader(new LogQuery("", NOON.plusSeconds(1), 9, false), 9).texts())
                .containsExactly("a", "x", "b", "y");
        assertThat(reader(new LogQuery("", Instant.MIN, -1, false), 9).texts()).hasSize(5);
    }

    @Test
    void aThousandLinesAreKept() {
        IntStream.rangeClosed(1, 2_500).forEach(number -> write("line " + number));

        List<String> kept = reader(LogQuery.ALL, Long.MAX_VALUE).texts();

        assertThat(kept).hasSize(1_000).startsWith("line 1501").endsWith("line 2500");
    }

    @Test
    void longLinesAreKeptForAsLongAsThereIsRoom() {
        String text = "x".repeat(LogRing.MAX_CHARACTERS / 10);
        IntStream.range(0, 50).forEach(number -> write(text));

        assertThat(reader(LogQuery.ALL, 100).lines()).hasSize(10);
    }

    @Test
    void whoReadsTooSlowlyIsToldHowMuchWasDropped() {
        RecordingLogReader reader = reader(following(0), 2);
        IntStream.rangeClosed(1, 1_503).forEach(number -> write("line " + number));
        assertThat(reader.texts()).containsExactly("line 1", "line 2");

        reader.request(2);

        assertThat(reader.texts())
                .containsExactly("line 1", "line 2", "501 lines dropped: they were read too slowly", "line 504");
    }

    @Test
    void theEndOfWhatIsThereIsNotPutOffByWhatComesMeanwhile() {
        write("one", "two");
        RecordingLogReader reader = reader(LogQuery.ALL, 1);
        write("three");

        reader.request(10);

        assertThat(reader.texts()).containsExactly("one", "two");
        assertThat(reader.over()).isTrue();
    }

    @Test
    void aClosedLogIsReadToItsEnd() {
        write("one", "two");
        RecordingLogReader slow = reader(following(0), 1);

        ring.close();
        write("after the end");

        assertThat(slow.over()).isFalse();
        slow.request(5);
        assertThat(slow.texts()).containsExactly("one", "two");
        assertThat(slow.over()).isTrue();
        assertThat(reader(following(0), 5).over()).isTrue();
        assertThat(ring.readers()).isZero();
    }

    @Test
    void whoLeavesIsForgotten() {
        RecordingLogReader reader = reader(following(0), 100);
        assertThat(ring.readers()).isOne();

        reader.cancel();
        write("unheard");

        assertThat(reader.lines()).isEmpty();
        assertThat(ring.readers()).isZero();
    }

    @Test
    void askingForNothingIsAnError() {
        RecordingLogReader reader = reader(following(0), 0);

        assertThat(reader.failure()).isInstanceOf(IllegalArgumentException.class);
        assertThat(ring.readers()).isZero();
    }

    /** A reader that breaks must not end the thread that reads the function's output. */
    @Test
    void aReaderThatThrowsIsLeftBehind() {
        ring.read(following(0)).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(10);
            }

            @Override
            public void onNext(LogLine line) {
                throw new IllegalStateException("broken");
            }

            @Override
            public void onError(Throwable thrown) {}

            @Override
            public void onComplete() {}
        });

        write("one", "two");

        assertThat(ring.readers()).isZero();
        assertThat(reader(LogQuery.ALL, 5).texts()).containsExactly("one", "two");
    }

    @Test
    void linesOfManyThreadsReachAReaderOnceAndInOrder() throws Exception {
        RecordingLogReader reader = reader(following(0), Long.MAX_VALUE);
        var writers = new ArrayList<Thread>();
        for (int writer = 0; writer < 4; writer++) {
            String instance = "talker-" + writer;
            var thread = new Thread(() -> IntStream.range(0, 200).forEach(n -> ring.add(instance, "" + n)));
            thread.start();
            writers.add(thread);
        }
        for (Thread writer : writers) {
            writer.join();
        }

        await().atMost(Duration.ofSeconds(20)).until(() -> reader.lines().size() == 800);
        for (int writer = 0; writer < 4; writer++) {
            String instance = "talker-" + writer;
            assertThat(reader.lines())
                    .filteredOn(line -> line.instance().equals(instance))
                    .extracting(LogLine::text)
                    .containsExactlyElementsOf(
                            IntStream.range(0, 200).mapToObj(n -> "" + n).toList());
        }
    }

    private RecordingLogReader reader(LogQuery query, long count) {
        var reader = new RecordingLogReader();
        ring.read(query).subscribe(reader);
        if (!reader.over()) {
            reader.request(count);
        }
        return reader;
    }

    private static LogQuery following(int tail) {
        return new LogQuery("", Instant.MIN, tail, true);
    }

    private void write(String... texts) {
        for (String text : texts) {
            ring.add("talker-1", text);
        }
    }
}
