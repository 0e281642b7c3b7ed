package dev.caravan.telemetry;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Tells on the feed that functions were deployed, updated, scaled and deleted, whoever did it: it is told that something
 * may be different now, and compares.
 */
public final class DeploymentFeed implements Consumer<FunctionName> {

    private record Known(FunctionDeployment deployment, int replicas) {}

    private final EventFeed feed;
    private final Function<FunctionName, Optional<FunctionStatus>> status;
    private final InstantSource clock;
    private final Map<FunctionName, Known> known = new HashMap<>();

    /** @param status as it is now, free of I/O */
    public DeploymentFeed(
            EventFeed feed, Function<FunctionName, Optional<FunctionStatus>> status, InstantSource clock) {
        this.feed = feed;
        this.status = status;
        this.clock = clock;
    }

    /** Was there before anybody could watch. */
    public synchronized void isThere(FunctionStatus now) {
        known.put(now.deployment().function(), new Known(now.deployment(), now.replicas()));
    }

    /** Something about the function may have changed. */
    @Override
    public synchronized void accept(FunctionName function) {
        Known now = status.apply(function)
                .map(found -> new Known(found.deployment(), found.replicas()))
                .orElse(null);
        Known before = now == null ? known.remove(function) : known.put(function, now);
        if (before == null && now != null) {
            tell(function, "deployed", now);
        } else if (before != null && now == null) {
            tell(function, "deleted", new Known(before.deployment(), 0));
        } else if (before != null && now != null) {
            if (!before.deployment().equals(now.deployment())) {
                tell(function, "updated", now);
            } else if (before.replicas() != now.replicas()) {
                tell(function, "scaled", now);
            }
        }
    }

    private void tell(FunctionName function, String what, Known now) {
        if (feed.watched()) {
            String image = now.deployment().image();
            int replicas = now.replicas();
            feed.publish(new Event(
                    Event.Type.DEPLOYMENT,
                    function,
                    clock.instant(),
                    json -> json.put("status", what).put("image", image).put("replicas", replicas)));
        }
    }
}
