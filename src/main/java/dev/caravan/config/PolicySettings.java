package dev.caravan.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the queues give a function, unless its annotations say otherwise. What is empty does not limit.
 *
 * @param concurrency how many of its calls run at once
 * @param rate how often it is given one
 * @param adaptive whether a 429 or 503 keeps the call and its neighbours waiting instead of spending an attempt
 * @param breaker when it is given nothing because it fails
 * @param retryBudget percent of its fresh calls that its retries may be
 * @param maxWaiting how many of its calls may wait before the door takes no more; 0 for any number
 */
public record PolicySettings(
        Optional<Integer> concurrency,
        Optional<Rate> rate,
        boolean adaptive,
        Optional<BreakerRule> breaker,
        Optional<Integer> retryBudget,
        int maxWaiting) {

    /** What switches a policy off, for a function or for all. */
    private static final String NONE = "none";

    static final Setting<Optional<Integer>> CONCURRENCY = policy(
            "CARAVAN_FUNCTION_CONCURRENCY",
            NONE,
            "How many asynchronous calls of one function run at once, never more than four fifths of its queue's; annotation `dev.caravan.concurrency`.",
            PolicySettings::concurrency);
    static final Setting<Optional<Rate>> RATE = policy(
            "CARAVAN_FUNCTION_RATE",
            NONE,
            "How often a function is given an asynchronous call, e.g. `10/s`, `600/m`, `5000/h`; annotation `dev.caravan.rate`.",
            PolicySettings::rate);
    static final Setting<Boolean> ADAPTIVE = Setting.flag(
            "CARAVAN_FUNCTION_ADAPTIVE",
            false,
            "Whether a function's 429 and 503 hold its calls in the queue, and fewer of them run at once, instead of spending attempts; annotation `dev.caravan.adaptive`.");
    static final Setting<Optional<BreakerRule>> BREAKER = policy(
            "CARAVAN_FUNCTION_BREAKER",
            NONE,
            "When a function that fails is given nothing for a while, e.g. `50%/20/30s`: half of its last 20 calls failed, pause for 30 seconds; annotation `dev.caravan.breaker`.",
            PolicySettings::breaker);
    static final Setting<Optional<Integer>> RETRY_BUDGET = policy(
            "CARAVAN_RETRY_BUDGET",
            "20%",
            "How many retries a function gets, in percent of its fresh calls, besides ten a second; what is above waits longer; annotation `dev.caravan.retry-budget`.",
            PolicySettings::percent);

    static final Setting<Integer> MAX_WAITING = new Setting<>(
            "CARAVAN_MAX_WAITING",
            "0",
            "How many calls of one function may wait (scheduled, queued, retrying) before the door answers 429; 0 for any number; annotation `dev.caravan.queue.max-waiting`.",
            PolicySettings::maxWaiting);

    static final List<Setting<?>> ALL = List.of(CONCURRENCY, RATE, ADAPTIVE, BREAKER, RETRY_BUDGET, MAX_WAITING);

    static PolicySettings from(Map<String, String> environment) {
        return new PolicySettings(
                CONCURRENCY.in(environment),
                RATE.in(environment),
                ADAPTIVE.in(environment),
                BREAKER.in(environment),
                RETRY_BUDGET.in(environment),
                MAX_WAITING.in(environment));
    }

    private static <T> Setting<Optional<T>> policy(
            String env, String defaultText, String meaning, Function<String, Optional<T>> parser) {
        return new Setting<>(env, defaultText, meaning, parser);
    }

    /** @throws IllegalArgumentException when it is neither {@code none} nor a number from 1 to 9999 */
    public static Optional<Integer> concurrency(String text) {
        return orNone(text, PolicySettings::count);
    }

    /** @throws IllegalArgumentException when it is neither {@code none} nor a rate */
    public static Optional<Rate> rate(String text) {
        return orNone(text, Rate::parse);
    }

    /** @throws IllegalArgumentException when it is neither {@code none} nor a breaker's rule */
    public static Optional<BreakerRule> breaker(String text) {
        return orNone(text, BreakerRule::parse);
    }

    /** @throws IllegalArgumentException when it is neither {@code none} nor {@code 0%} to {@code 1000%} */
    public static Optional<Integer> percent(String text) {
        return orNone(text, share -> {
            if (!share.matches("[0-9]{1,3}%|1000%")) {
                throw new IllegalArgumentException("must be none or a share from 0% to 1000%");
            }
            return Integer.parseInt(share.substring(0, share.length() - 1));
        });
    }

    /** @throws IllegalArgumentException when it is no number from 0 to 999999999 */
    public static int maxWaiting(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("must be a number from 0 to 999999999");
        }
        return Integer.parseInt(text);
    }

    private static int count(String text) {
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw new IllegalArgumentException("must be none or a number from 1 to 9999");
        }
        return Integer.parseInt(text);
    }

    private static <T> Optional<T> orNone(String text, Function<String, T> parser) {
        return text.equals(NONE) ? Optional.empty() : Optional.of(parser.apply(text));
    }
}
