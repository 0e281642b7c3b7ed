package dev.caravan.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.provider.engine.Revision;
import dev.caravan.provider.swarm.ServicePlan.GivenFile;
import dev.caravan.testing.Deployments;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServicePlanTest {

    private static ServicePlan plan(FunctionDeployment deployment) {
        return new ServicePlan(new Revision(deployment, "0000000000001-beef", Instant.EPOCH), "caravan");
    }

    private static FunctionDeployment constrained(String constraint) {
        return Deployments.constrained(Deployments.of("placed"), constraint);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node.role == worker", "node.labels.disk!=hdd", "engine.labels.os==Debian 12"})
    void aConstraintIsInTheWordsOfASwarm(String constraint) {
        plan(constrained(constraint)).check();
    }

    @ParameterizedTest
    @ValueSource(strings = {"node.role=worker", "node.role ~ worker", "== worker", "node.role ==", ""})
    void whatIsNoConstraintIsRefusedByName(String constraint) {
        assertThatThrownBy(() -> plan(constrained(constraint)).check())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + constraint + "\"");
    }

    @Test
    void configsAreFilesAtPathsAndNothingElse() {
        assertThat(plan(annotated("a=/etc/a, b = /etc/b ,")).configs()).isEqualTo(Map.of("a", "/etc/a", "b", "/etc/b"));
        for (String bad : List.of("a", "a=b", "=/etc/a")) {
            assertThatThrownBy(() -> plan(annotated(bad)).check())
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(ServicePlan.CONFIGS);
        }
    }

    private static FunctionDeployment annotated(String configs) {
        return Deployments.annotated(Deployments.of("configured"), Map.of(ServicePlan.CONFIGS, configs));
    }

    @Test
    void aNameFitsTheDnsHoweverLongTheFunctionsIs() {
        assertThat(plan(Deployments.of("short")).name()).startsWith("caravan-short-");
        assertThat(plan(Deployments.of("a".repeat(63))).name())
                .hasSizeLessThanOrEqualTo(63)
                .matches("[a-z0-9-]+");
    }

    @Test
    void portsAreOnlyThereForWhoIsOutside() {
        ServicePlan plan = plan(Deployments.of("near"));
        List<GivenFile> none = List.of();

        JsonNode outside = plan.spec("image:1", 2, "network", true, none, none);
        JsonNode inside = plan.spec("image:1", 2, "network", false, none, none);

        assertThat(outside.path("EndpointSpec")
                        .path("Ports")
                        .path(0)
                        .path("PublishMode")
                        .asText())
                .isEqualTo("host");
        assertThat(inside.path("EndpointSpec").has("Ports")).isFalse();
        assertThat(List.of(outside, inside))
                .allSatisfy(spec -> assertThat(
                                spec.path("EndpointSpec").path("Mode").asText())
                        .isEqualTo("dnsrr"));
    }
}
