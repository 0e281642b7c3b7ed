package dev.caravan.component.routes;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.support.DefaultConsumer;

/** An HTTP engine without HTTP, which notes who came and went. */
final class RecordingHttpEngine implements PlatformHttpEngine {

    private final List<String> events = new CopyOnWriteArrayList<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final AtomicInteger serving = new AtomicInteger();

    void refuse(String path) {
        refused.add(path);
    }

    List<String> events() {
        return List.copyOf(events);
    }

    int serving() {
        return serving.get();
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new RecordingConsumer(endpoint, processor);
    }

    private final class RecordingConsumer extends DefaultConsumer implements PlatformHttpConsumer {

        RecordingConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
            super(endpoint, processor);
        }

        @Override
        public PlatformHttpEndpoint getEndpoint() {
            return (PlatformHttpEndpoint) super.getEndpoint();
        }

        @Override
        protected void doStart() throws Exception {
            if (refused.contains(getEndpoint().getPath())) {
                throw new IllegalStateException("refused by the test");
            }
            super.doStart();
            events.add("start " + getEndpoint().getPath());
            serving.incrementAndGet();
        }

        @Override
        protected void doStop() throws Exception {
            super.doStop();
            events.add("stop " + getEndpoint().getPath());
            serving.decrementAndGet();
        }
    }
}
