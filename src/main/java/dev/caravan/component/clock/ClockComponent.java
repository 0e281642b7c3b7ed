package dev.caravan.component.clock;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/**
 * {@code clock:NAME?cron=&zone=} begins a route whenever a cron expression says so, in a time zone.
 *
 * <p>It is ours because routes are edited while they run: a scheduler that keeps its jobs by name, beside the routes,
 * takes the old version's job away when the new one has just been given it. Here each version waits for itself.
 */
@Component("clock")
public class ClockComponent extends DefaultComponent {

    /**
     * Nobody sleeps longer than this without looking at the clock again: it may be set, and a machine may sleep longer
     * than its programs.
     */
    private static final Duration LOOK = Duration.ofSeconds(30);

    private final InstantSource clock;
    private final Duration look;

    public ClockComponent(InstantSource clock) {
        this(clock, LOOK);
    }

    ClockComponent(InstantSource clock, Duration look) {
        this.clock = clock;
        this.look = look;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        var endpoint = new ClockEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    InstantSource clock() {
        return clock;
    }

    Duration look() {
        return look;
    }
}
