package dev.caravan.resque;

import java.time.Duration;
import java.util.List;

/** The queues that a list means, among those there are: looked for again every second where that matters. For one thread. */
final class QueuesThere {

    private static final Duration LOOKS = Duration.ofSeconds(1);

    private final RedisLink link;
    private final Namespace namespace;
    private final QueueList list;
    private List<String> queues = List.of();
    private long read;

    QueuesThere(RedisLink link, Namespace namespace, QueueList list) {
        this.link = link;
        this.namespace = namespace;
        this.list = list;
    }

    void forget() {
        read = 0;
    }

    void look() {
        long now = System.nanoTime();
        if (read == 0 || (list.dependsOnWhatIsThere() && now - read > LOOKS.toNanos())) {
            queues = list.among(list.dependsOnWhatIsThere() ? Resque.queues(link, namespace) : List.of());
            read = now;
        }
    }

    List<String> names() {
        return queues;
    }
}
