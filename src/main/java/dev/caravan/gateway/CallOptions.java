package dev.caravan.gateway;

import dev.caravan.component.CallbackTargets;
import dev.caravan.config.Durations;
import dev.caravan.function.CallbackUrl;
import dev.caravan.function.OrderKey;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.Optional;

/**
 * What a caller asks of one asynchronous call by its headers; what is not there is empty. A header that makes no sense
 * is 400 with one line.
 */
record CallOptions(MultiMap headers) {

    private static final Duration LONGEST_DELAY = Duration.ofDays(30);

    /** {@code X-Callback-Url}. What is wrong with it is said without repeating it: it may hold a password. */
    Optional<String> callbackUrl(CallbackTargets targets) {
        Optional<String> text = header("X-Callback-Url");
        try {
            text.map(CallbackUrl::parse).flatMap(targets::objection).ifPresent(objection -> {
                throw new IllegalArgumentException(objection);
            });
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, "X-Callback-Url " + e.getMessage());
        }
        return text;
    }

    /** {@code X-Order-Key}. */
    Optional<OrderKey> orderKey() {
        try {
            return Optional.ofNullable(headers.get("X-Order-Key")).map(OrderKey::new);
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, "X-Order-Key " + e.getMessage());
        }
    }

    /** {@code X-Delay}: how long to wait before the first attempt; empty also for no time at all. */
    Optional<Duration> delay() {
        Optional<Duration> delay = duration("X-Delay");
        if (delay.filter(time -> time.compareTo(LONGEST_DELAY) > 0).isPresent()) {
            throw senseless("X-Delay", "must be at most 30 days (720h)");
        }
        return delay.filter(time -> time.toMillis() > 0);
    }

    /** {@code X-Max-Age}: after how long nobody wants it any more, counted from when it may first run. */
    Optional<Duration> maxAge() {
        Optional<Duration> age = duration("X-Max-Age");
        if (age.filter(Duration::isZero).isPresent()) {
            throw senseless("X-Max-Age", "must be longer than nothing");
        }
        return age;
    }

    /** {@code X-Priority}: 0 to 9, the higher the sooner. */
    Optional<Integer> priority() {
        Optional<String> text = header("X-Priority");
        if (text.filter(digit -> !digit.matches("[0-9]")).isPresent()) {
            throw senseless("X-Priority", "must be a digit from 0 to 9");
        }
        return text.map(Integer::valueOf);
    }

    private Optional<Duration> duration(String name) {
        try {
            return header(name).map(Durations::parse);
        } catch (IllegalArgumentException e) {
            throw senseless(name, String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    private HttpFailure senseless(String name, String why) {
        String text = header(name).orElse("");
        return new HttpFailure(
                400,
                name + " " + why + ", got: \"" + (text.length() <= 80 ? text : text.substring(0, 80) + "…") + "\"");
    }
}
