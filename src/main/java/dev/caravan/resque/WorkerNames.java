package dev.caravan.resque;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The ids under which workers are seen, {@code host-caravan:pid-place:queues}: three parts, or no Ruby worker of the same
 * Redis starts; and not the bare name of the host, or a Ruby worker that starts on it takes them for dead.
 *
 * @param ids of each place
 */
record WorkerNames(List<String> ids) {

    /** More are not shown: resque-web lists each. */
    static final int MOST_SHOWN = 32;

    private static final String SUFFIX = "-caravan";

    /** @param process the number of this process, and more where it has several workers */
    static WorkerNames of(String host, String process, String queues, int places) {
        String plain = host.strip().replaceAll("[\\s:]", "-");
        String begin = (plain.isEmpty() ? "localhost" : plain) + SUFFIX + ":" + process + "-";
        return new WorkerNames(IntStream.range(0, places)
                .mapToObj(place -> begin + place + ":" + queues)
                .toList());
    }

    String id(int place) {
        return ids.get(place);
    }

    boolean shown(int place) {
        return place < MOST_SHOWN;
    }

    List<String> shown() {
        return ids.subList(0, Math.min(ids.size(), MOST_SHOWN));
    }
}
