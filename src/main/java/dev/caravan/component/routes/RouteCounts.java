package dev.caravan.component.routes;

import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.support.RoutePolicySupport;

/** What one route did since the start. All versions of the route count into the same one. */
final class RouteCounts {

    private final LongAdder exchanges = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder millis = new LongAdder();

    /** A policy for one version. Each needs its own: Camel stops it with the version, and a stopped one counts nothing. */
    RoutePolicy policy() {
        return new RoutePolicySupport() {
            @Override
            public void onExchangeDone(Route route, Exchange exchange) {
                exchanges.increment();
                millis.add(exchange.getClock().elapsed());
                if (exchange.isFailed()) {
                    failures.increment();
                }
            }
        };
    }

    long exchanges() {
        return exchanges.sum();
    }

    long failures() {
        return failures.sum();
    }

    double meanMillis() {
        long count = exchanges.sum();
        return count == 0 ? 0 : (double) millis.sum() / count;
    }
}
