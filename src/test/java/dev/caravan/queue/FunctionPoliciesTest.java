package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.BreakerRule;
import dev.caravan.config.PolicySettings;
import dev.caravan.config.Rate;
import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FunctionPoliciesTest {

    private static final FunctionName F = new FunctionName("f", "ns");
    private static final PolicySettings DEFAULTS = new PolicySettings(
            Optional.of(7),
            Optional.of(Rate.parse("5/s")),
            true,
            Optional.of(BreakerRule.parse("10%/5/1m")),
            Optional.of(20),
            1_000);

    private final List<String> invalid = new ArrayList<>();

    private FunctionPolicy policy(Map<String, String> annotations) {
        return FunctionPolicy.of(annotations, DEFAULTS, (annotation, value) -> invalid.add(annotation + "=" + value));
    }

    @Test
    void settingsHoldWhereTheFunctionSaysNothing() {
        assertThat(policy(Map.of()))
                .isEqualTo(new FunctionPolicy(
                        RetryPolicy.DEFAULT,
                        new Limits(Optional.of(7), DEFAULTS.rate(), 5, true, DEFAULTS.breaker()),
                        Optional.of(20),
                        1_000,
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void annotationsSayItForOneFunction() {
        FunctionPolicy policy = policy(Map.ofEntries(
                Map.entry("dev.caravan.concurrency", "3"),
                Map.entry("dev.caravan.rate", "600/m"),
                Map.entry("dev.caravan.burst", "1"),
                Map.entry("dev.caravan.adaptive", "false"),
                Map.entry("dev.caravan.breaker", "50%/20/30s"),
                Map.entry("dev.caravan.retry-budget", "50%"),
                Map.entry("dev.caravan.queue.max-waiting", "50"),
                Map.entry("dev.caravan.max-age", "1h30m"),
                Map.entry("dev.caravan.priority", "9"),
                Map.entry("com.openfaas.retry.attempts", "2")));

        assertThat(policy.limits())
                .isEqualTo(new Limits(
                        Optional.of(3),
                        Optional.of(new Rate(600, Duration.ofMinutes(1))),
                        1,
                        false,
                        Optional.of(new BreakerRule(50, 20, Duration.ofSeconds(30)))));
        assertThat(policy.retry().attempts()).isEqualTo(2);
        assertThat(policy.retryBudget()).contains(50);
        assertThat(policy.maxWaiting()).isEqualTo(50);
        assertThat(policy.maxAge()).contains(Duration.ofMinutes(90));
        assertThat(policy.priority()).contains(9);
        assertThat(invalid).isEmpty();
    }

    @Test
    void noneSwitchesASettingOff() {
        FunctionPolicy policy = policy(Map.of(
                "dev.caravan.concurrency", "none",
                "dev.caravan.rate", "none",
                "dev.caravan.adaptive", "false",
                "dev.caravan.breaker", "none",
                "dev.caravan.retry-budget", "none",
                "dev.caravan.queue.max-waiting", "0"));

        assertThat(policy.limits()).isEqualTo(Limits.NONE);
        assertThat(policy.retryBudget()).isEmpty();
        assertThat(policy.maxWaiting()).isZero();
    }

    @Test
    void whatMakesNoSenseIsSaidAndTheDefaultApplies() {
        FunctionPolicy policy = policy(Map.of(
                "dev.caravan.concurrency", "0",
                "dev.caravan.rate", "fast",
                "dev.caravan.burst", "-1",
                "dev.caravan.adaptive", "yes",
                "dev.caravan.breaker", "50%",
                "dev.caravan.retry-budget", "20",
                "dev.caravan.queue.max-waiting", "many",
                "dev.caravan.max-age", "0",
                "dev.caravan.priority", "10"));

        assertThat(policy).isEqualTo(policy(Map.of()));
        assertThat(invalid)
                .containsExactlyInAnyOrder(
                        "dev.caravan.concurrency=0",
                        "dev.caravan.rate=fast",
                        "dev.caravan.burst=-1",
                        "dev.caravan.adaptive=yes",
                        "dev.caravan.breaker=50%",
                        "dev.caravan.retry-budget=20",
                        "dev.caravan.queue.max-waiting=many",
                        "dev.caravan.max-age=0",
                        "dev.caravan.priority=10");
    }

    @Test
    void aPolicyIsReadOnceUntilTheAnnotationsChange() {
        var annotations = new ArrayList<>(List.of(Map.of("dev.caravan.concurrency", "1")));
        var policies = new FunctionPolicies(function -> annotations.get(0), DEFAULTS);
        FunctionPolicy first = policies.apply(F);
        annotations.set(0, Map.of("dev.caravan.concurrency", "1"));
        assertThat(policies.apply(F)).isSameAs(first);

        annotations.set(0, Map.of("dev.caravan.concurrency", "2"));

        assertThat(policies.apply(F).limits().concurrency()).contains(2);
    }
}
