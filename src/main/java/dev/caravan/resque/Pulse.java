package dev.caravan.resque;

import java.time.Duration;

/**
 * How a node says that it lives, and when another believes that it does not.
 *
 * @param seen how often it says so to other Caravans
 * @param heartbeat how often it says so to Ruby's workers, who take a worker for dead whose heartbeat is 300 seconds old
 * @param silent how long nothing new may be heard of a node by the others; more than a second, which is what they tell
 *     apart, and than {@code seen}
 */
record Pulse(Duration seen, Duration heartbeat, Duration silent) {

    static final Pulse USUAL = new Pulse(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30));
}
