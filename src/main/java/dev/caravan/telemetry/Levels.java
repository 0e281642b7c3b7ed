package dev.caravan.telemetry;

import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import dev.caravan.function.TargetLoad;
import java.util.Map;

/**
 * What telemetry asks the house for whenever it is scraped: how much there is of something now. Telemetry thereby knows
 * neither ledger nor queue nor provider.
 *
 * <p>Methods may block for as long as a scrape may take (a second or so). One that throws is missing from that scrape
 * and counted in {@code caravan_scrape_failures_total}; the others are answered all the same.
 */
public interface Levels {

    /** The calls of one logical queue that are in one state. */
    record QueueState(String queue, CallState state) {}

    /** The calls of one function that are in one state. */
    record FunctionState(FunctionName function, CallState state) {}

    /** The part of a logical queue that is one function's. */
    record QueueFunction(String queue, FunctionName function) {}

    /** How many replicas a function shall have, can take a call now, and are never gone below. */
    record Replicas(int wanted, int ready, int minimum) {}

    /** A function that is given nothing for a while, and why: {@code breaker}, {@code rate}, … */
    record Held(FunctionName function, String reason) {}

    /** What each replica of a function is to carry. */
    default Map<FunctionName, TargetLoad> targets() {
        return Map.of();
    }

    /** By function. */
    default Map<FunctionName, Replicas> replicas() {
        return Map.of();
    }

    /** Messages that wait to be taken. */
    default Map<QueueFunction, Long> pending() {
        return Map.of();
    }

    /** Calls that a worker has. */
    default Map<QueueFunction, Long> running() {
        return Map.of();
    }

    /** How long the first message of each logical queue has waited, in seconds; 0 when none waits. */
    default Map<String, Double> oldestAges() {
        return Map.of();
    }

    /** Calls by where they are; the sum over all states is what was ever accepted. */
    default Map<QueueState, Long> calls() {
        return Map.of();
    }

    /** The same by function. */
    default Map<FunctionState, Long> functionCalls() {
        return Map.of();
    }

    /**
     * How long the first message of each function has waited, in seconds. Those of which none waits are missing, and those
     * whose queue is not consumed here.
     */
    default Map<FunctionName, Double> functionAges() {
        return Map.of();
    }

    /** Dead letters by logical queue. */
    default Map<String, Long> deadLetters() {
        return Map.of();
    }

    /** How many asynchronous calls a function is given at once; those that nothing limits are missing. */
    default Map<FunctionName, Integer> limits() {
        return Map.of();
    }

    /** Functions whose calls wait because of a limit or a breaker: 1 for each. */
    default Map<Held, Integer> held() {
        return Map.of();
    }
}
