package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FailureCode;
import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JudgeTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static Judge judge(int attempts) {
        var policy = new RetryPolicy(
                attempts, RetryPolicy.DEFAULT.codes(), RetryPolicy.DEFAULT.minWait(), RetryPolicy.DEFAULT.maxWait());
        return judge(policy, Admission.unlimited());
    }

    private static Judge judge(RetryPolicy policy, Admission admission) {
        var budgets = new RetryBudgets(function -> Optional.empty(), () -> 0);
        return new Judge(function -> policy, budgets, admission, InstantSource.fixed(NOW), () -> 0);
    }

    private static Call call(int attempt, Duration left) {
        return new Call(
                CallId.random(),
                new FunctionName("f", "ns"),
                "f",
                "faas-request",
                "/",
                null,
                Map.of(),
                null,
                null,
                null,
                null,
                1,
                attempt,
                4,
                NOW,
                NOW.plus(left),
                List.of());
    }

    private static Call call(int attempt) {
        return call(attempt, Duration.ofHours(1));
    }

    private static Attempt answer(int status) {
        return new Attempt(1, NOW, Duration.ZERO, status, null, null);
    }

    private static String word(Verdict verdict) {
        return verdict.fold(
                done -> "succeeded",
                (done, delay) -> "retry " + delay.toMillis(),
                (done, why) -> why.code(),
                done -> "cancelled");
    }

    @ParameterizedTest
    @CsvSource({
        "200,succeeded",
        "204,succeeded",
        "302,succeeded",
        "399,succeeded",
        "400,rejected",
        "404,rejected",
        "501,rejected",
        "100,rejected",
        "408,retry 500",
        "429,retry 500",
        "500,retry 500",
        "502,retry 500",
        "503,retry 500",
        "504,retry 500"
    })
    void anAnswerIsJudgedByItsStatus(int status, String verdict) {
        assertThat(word(judge(10).answered(call(1), answer(status), false, null)))
                .isEqualTo(verdict);
    }

    @Test
    void anAnswerOfThePlatformsOwnIsTriedAgainWhateverItsStatus() {
        assertThat(word(judge(10).answered(call(1), answer(404), true, null))).isEqualTo("retry 500");
    }

    @ParameterizedTest
    @CsvSource({"0,1,true", "1,1,false", "1,2,true", "10,10,false", "10,11,true"})
    void attemptsCountRetriesAfterTheFirstTry(int attempts, int attempt, boolean exhausted) {
        Verdict verdict = judge(attempts).answered(call(attempt), answer(500), false, null);

        assertThat(verdict.state()).isEqualTo(exhausted ? CallState.DEAD : CallState.RETRYING);
        if (exhausted) {
            assertThat(word(verdict)).isEqualTo("attempts-exhausted");
        }
    }

    @Test
    void aRetryThatWouldFallDueTooLateIsDeathByAge() {
        Judge judge = judge(10);

        assertThat(word(judge.answered(call(1, Duration.ofMillis(501)), answer(500), false, null)))
                .isEqualTo("retry 500");
        assertThat(word(judge.answered(call(1, Duration.ofMillis(500)), answer(500), false, null)))
                .isEqualTo("expired");
        assertThat(word(judge.answered(call(1, Duration.ofSeconds(20)), answer(503), false, "30")))
                .isEqualTo("expired");
        assertThat(word(judge.answered(call(1, Duration.ofSeconds(40)), answer(503), false, "30")))
                .isEqualTo("retry 30000");
    }

    @Test
    void aCallIsExpiredFromItsDeadlineOn() {
        assertThat(judge(1).expired(call(1, Duration.ZERO))).isTrue();
        assertThat(judge(1).expired(call(1, Duration.ofMillis(1)))).isFalse();
    }

    @Test
    void aFunctionThatIsNotThereIsNotTriedAgain() {
        Verdict verdict = judge(10).failed(call(1), answer(0), FailureCode.UNKNOWN_FUNCTION);

        assertThat(word(verdict)).isEqualTo(DeadReason.UNKNOWN_FUNCTION.code());
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_REPLICA", "PROVIDER_UNAVAILABLE"})
    void whatIsNoFaultOfTheCallsHoldsIt(FailureCode code) {
        var attempt = new Attempt(1, NOW, Duration.ZERO, 0, "nobody there", null);

        assertThatThrownBy(() -> judge(0).failed(call(99), attempt, code))
                .isInstanceOf(CallHeldException.class)
                .hasMessage("nobody there");
    }

    @ParameterizedTest
    @EnumSource(names = {"UNREACHABLE", "TIMEOUT"})
    void noAnswerIsTriedAgainAndThenExhausted(FailureCode code) {
        assertThat(word(judge(1).failed(call(1), answer(0), code))).isEqualTo("retry 500");
        assertThat(word(judge(1).failed(call(2), answer(0), code))).isEqualTo("attempts-exhausted");
    }

    @ParameterizedTest
    @CsvSource({
        "200,succeeded",
        "299,succeeded",
        "301,rejected",
        "304,rejected",
        "400,rejected",
        "410,rejected",
        "508,rejected",
        "408,retry 500",
        "429,retry 500",
        "500,retry 500",
        "501,retry 500",
        "599,retry 500",
        "0,retry 500"
    })
    void aCallbackIsDeliveredByTwoHundredsOnly(int status, String verdict) {
        assertThat(word(judge(10).delivered(call(1), answer(status), null))).isEqualTo(verdict);
        if (verdict.startsWith("retry")) {
            assertThat(word(judge(0).delivered(call(1), answer(status), null))).isEqualTo("attempts-exhausted");
        }
    }

    private static Admission admission(String annotation) {
        var admission = new Admission(function -> GateTest.limits(annotation), System::nanoTime);
        assertThat(admission.gate("faas-request.ns.f").enter(() -> true)).isTrue();
        return admission;
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void aPushBackIsNoAttemptWhereTheFunctionIsAdaptive(int status) {
        Judge judge = judge(RetryPolicy.DEFAULT, admission("adaptive=true"));

        assertThatThrownBy(() -> judge.answered(call(1), answer(status), true, "1"))
                .isInstanceOf(CallHeldException.class)
                .hasMessage("the function answered " + status);
        assertThat(word(judge.answered(call(1), answer(500), false, null))).isEqualTo("retry 500");
    }

    @ParameterizedTest
    @CsvSource({"500,false,1", "504,false,1", "503,false,1", "404,true,1", "404,false,0", "200,false,0"})
    void whatIsTriedAgainIsAFailureOfTheFunctionAndARejectionIsNot(int status, boolean platformMade, int open) {
        Admission admission = admission("breaker=100%/1/1h");

        judge(RetryPolicy.DEFAULT, admission).answered(call(1), answer(status), platformMade, null);

        assertThat(admission.limits()).hasSize(open);
    }

    @ParameterizedTest
    @CsvSource({"TIMEOUT,1", "UNREACHABLE,1", "UNKNOWN_FUNCTION,0"})
    void aFunctionThatCannotBeReachedHasFailed(FailureCode code, int open) {
        Admission admission = admission("breaker=100%/1/1h");

        judge(RetryPolicy.DEFAULT, admission).failed(call(1), answer(0), code);

        assertThat(admission.limits()).hasSize(open);
    }

    @Test
    void aRetryAboveTheBudgetWaitsLongerButDoesNotDieOfIt() {
        var budgets = new RetryBudgets(function -> Optional.of(0), () -> 0);
        var judge = new Judge(
                function -> RetryPolicy.DEFAULT, budgets, Admission.unlimited(), InstantSource.fixed(NOW), () -> 0);
        for (int i = 0; i < 100; i++) {
            assertThat(word(judge.answered(call(2), answer(500), false, null))).isEqualTo("retry 1000");
        }
        for (int i = 0; i < 600; i++) {
            judge.answered(call(2), answer(500), false, null);
        }

        assertThat(word(judge.answered(call(2), answer(500), false, null))).isEqualTo("retry 61100");
        assertThat(word(judge.answered(call(2, Duration.ofSeconds(30)), answer(500), false, null)))
                .isEqualTo("retry 27000");
    }
}
