package dev.caravan.resque;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The ids under which workers are seen, {@code host-caravan:pid-place:queues}: three parts, or no Ruby worker of the same
 * Redis starts; and not the bare name of the host, or a Ruby worker that starts on it takes them for dead.
 *
 * @param host without a colon
 * @param process the number of this process, and more where it has several workers
 */
record WorkerNames(String host, String process, String queues, int places) {

    /** More are not shown: resque-web lists each. */
    static final int MOST_SHOWN = 32;

    private static final String SUFFIX = "-caravan";

    static WorkerNames of(String host, String process, String queues, int places) {
        String plain = host.strip().replaceAll("[\\s:]", "-");
        return new WorkerNames((plain.isEmpty() ? "localhost" : plain) + SUFFIX, process, queues, places);
    }

    String id(int place) {
        return host + ":" + process + "-" + place + ":" + queues;
    }

    boolean shown(int place) {
        return place < MOST_SHOWN;
    }

    List<String> shown() {
        return IntStream.range(0, Math.min(places, MOST_SHOWN))
                .mapToObj(this::id)
                .toList();
    }
}
