package dev.caravan.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.FunctionName;
import dev.caravan.function.ScaleLabels;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.scaling.ScaleByAlerts.Alert;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.FakeFunctionProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScaleByAlertsTest {

    private static final FunctionName HELLO = new FunctionName("hello", "openfaas-fn");

    private final FakeFunctionProvider provider = new FakeFunctionProvider();
    private final ScaleByAlerts scaling = new ScaleByAlerts(provider);

    /** The table of contract section 4.2, and more: the step of 28 and 25 is 8 in floating point. */
    @ParameterizedTest
    @CsvSource({
        "5, 10, 2 3 4 5 5",
        "20, 20, 5 9 13 17 20 20",
        "3, 50, 3 3",
        "10, 25, 4 7 10 10",
        "5, 100, 5 5",
        "1, 1, 1 1",
        "28, 25, 9 17 25 28",
        "100, 7, 8 15 22"
    })
    void eachFiringAlertIsAStepUpToTheMaximum(int max, int factor, String sequence) {
        deploy(Map.of(ScaleLabels.MAX, "" + max, ScaleLabels.FACTOR, "" + factor));

        var seen = new ArrayList<String>();
        for (String ignored : sequence.split(" ")) {
            assertThat(scaling.follow(List.of(new Alert(HELLO, true)))).isEmpty();
            seen.add(Integer.toString(replicas()));
        }

        assertThat(seen).isEqualTo(Arrays.asList(sequence.split(" ")));
    }

    @Test
    void withoutLabelsTheDefaultsOfOpenFaasBeforeItsCapOfFiveApply() {
        deploy(Map.of());

        follow(true, true, true, true, true, true);

        assertThat(provider.requests())
                .endsWith(
                        "scale hello.openfaas-fn to 5",
                        "scale hello.openfaas-fn to 9",
                        "scale hello.openfaas-fn to 13",
                        "scale hello.openfaas-fn to 17",
                        "scale hello.openfaas-fn to 20");
    }

    @ParameterizedTest
    @CsvSource({"2, 7, 2", "0, 7, 0", "2, 0, 2"})
    void anAlertThatIsOverScalesToTheMinimum(String min, int now, int after) {
        deploy(Map.of(ScaleLabels.MIN, min));
        provider.scale(HELLO, now);

        follow(false);

        assertThat(replicas()).isEqualTo(after);
    }

    @Test
    void nothingIsAskedForWhereNothingChanges() {
        deploy(Map.of(ScaleLabels.MAX, "1"));
        int before = provider.requests().size();

        follow(true, false);

        assertThat(provider.requests()).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-5", "101"})
    void aFactorOutOfRangeSwitchesAlertsOff(String factor) {
        deploy(Map.of(ScaleLabels.FACTOR, factor));
        provider.scale(HELLO, 3);

        follow(true, false);

        assertThat(replicas()).isEqualTo(3);
    }

    @Test
    void aFunctionThatIsNotThereIsPassedOver() {
        deploy(Map.of());

        List<String> problems =
                scaling.follow(List.of(new Alert(new FunctionName("gone", "x"), true), new Alert(HELLO, true)));

        assertThat(problems).isEmpty();
        assertThat(replicas()).isEqualTo(5);
    }

    @Test
    void aRefusalIsALineAndTheOthersAreScaledAllTheSame() {
        deploy(Map.of());
        provider.refuseToScale(new ProviderException(Code.UNAVAILABLE, "engine away"));

        List<String> problems = scaling.follow(List.of(new Alert(HELLO, true), new Alert(HELLO, true)));

        assertThat(problems).containsExactly("cannot scale \"hello.openfaas-fn\" to 5: engine away");
        assertThat(replicas()).isEqualTo(5);
    }

    private void follow(boolean... firing) {
        for (boolean one : firing) {
            assertThat(scaling.follow(List.of(new Alert(HELLO, one)))).isEmpty();
        }
    }

    private int replicas() {
        return provider.status(HELLO).orElseThrow().replicas();
    }

    private void deploy(Map<String, String> labels) {
        provider.deploy(Deployments.labelled(Deployments.of("hello"), labels));
    }
}
