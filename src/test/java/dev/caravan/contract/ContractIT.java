package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.Contract;
import dev.caravan.testing.Contract.Operation;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Makes every call that the contract gives as an example and holds the answer to it; in the end every status and every
 * field that is documented has been seen.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContractIT {

    private static final Contract CONTRACT = Contract.SERVED;

    @RegisterExtension
    static final TestServer server = TestServer.with(
            "CARAVAN_CALL_TIMEOUT=4s",
            "CARAVAN_MAX_BODY=100KiB",
            "CARAVAN_RESULT_LIMIT=10KiB",
            "CARAVAN_SCALE_FROM_ZERO=false",
            "CARAVAN_REPLAY_LIMIT=1",
            "CARAVAN_ALERTS=dead>0/1h",
            "CARAVAN_MASK=header.X-Hidden",
            "CARAVAN_MASK_FROM=admin",
            // Nobody listens there.
            "CARAVAN_REDIS_URL=redis://127.0.0.1:1");

    private final ContractStage stage = new ContractStage(server);
    private final Set<String> statuses = new TreeSet<>();
    private final Set<String> fields = new TreeSet<>();

    @BeforeAll
    static void addUsers() throws IOException {
        Rows.addUsers(server);
    }

    @Test
    void theContractIsServedAsItStands() throws Exception {
        assertThat(server.get("/openapi.yaml").bytes())
                .isEqualTo(Files.readAllBytes(Path.of("src/main/resources/openapi.yaml")));
    }

    @TestFactory
    Stream<DynamicTest> theExamplesAreAnsweredAsTheContractSays() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Operation operation : CONTRACT.operations()) {
            operation
                    .node()
                    .path("x-calls")
                    .properties()
                    .forEach(call -> tests.add(dynamicTest(
                            operation + " " + call.getKey(), () -> make(operation, call.getKey(), call.getValue()))));
            if (!operation.open()) {
                tests.add(dynamicTest(operation + " by nobody", () -> makeBy("nobody", operation, 401)));
                String role = operation.node().get("x-role").asText();
                if (!role.equals("viewer")) {
                    tests.add(dynamicTest(operation + " by a viewer", () -> makeBy("vera", operation, 403)));
                }
                if (role.equals("admin")) {
                    tests.add(dynamicTest(operation + " by an operator", () -> makeBy("olga", operation, 403)));
                }
            }
        }
        tests.add(dynamicTest("every documented status was seen", this::everyStatusWasSeen));
        tests.add(dynamicTest(
                "every documented field was seen",
                () -> assertThat(fields)
                        .containsExactlyElementsOf(
                                // Those of Resque are seen by a test that has a Redis.
                                CONTRACT.answeredFields(operation -> !operation.ofResque()))));
        return tests.stream();
    }

    private void make(Operation operation, String name, JsonNode call) {
        call.path("given").forEach(step -> stage.set(step.asText()));
        List<String> headers = new ArrayList<>();
        String target = target(operation, call, headers);
        if (!operation.open()) {
            headers.addAll(List.of(new Rows(server).credentials(call.path("as").asText("admin"))));
        }

        Reply reply =
                server.send(operation.verb(), target, body(operation, name, call), headers.toArray(String[]::new));

        assertThat(reply.status())
                .as(reply.toString())
                .isEqualTo(call.get("status").asInt());
        see(operation, reply);
        compareWithExample(operation, name, reply);
    }

    private void makeBy(String who, Operation operation, int status) {
        String target = operation.path().replaceAll("[{}]", "");

        Reply reply = server.send(operation.verb(), target, new byte[0], new Rows(server).credentials(who));

        assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
        see(operation, reply);
    }

    private void see(Operation operation, Reply reply) {
        assertThat(CONTRACT.problems(operation, reply)).as(reply.toString()).isEmpty();
        statuses.add(where(operation) + " " + reply.status());
        fields.addAll(CONTRACT.fieldsOf(operation, reply));
    }

    /** Verbs of a path that takes any of them are answered alike. */
    private static String where(Operation operation) {
        return operation.anyVerb() ? operation.path() : operation.toString();
    }

    private String target(Operation operation, JsonNode call, List<String> headers) {
        StringBuilder target = new StringBuilder(operation.path());
        StringBuilder query = new StringBuilder();
        call.path("parameters").properties().forEach(parameter -> {
            String value = parameter
                    .getValue()
                    .asText()
                    .replace("$letter", stage.letter())
                    .replace("$job", stage.job())
                    .replace("$call", stage.call());
            int at = target.indexOf("{" + parameter.getKey() + "}");
            if (at >= 0) {
                target.replace(at, at + parameter.getKey().length() + 2, value);
            } else if (parameter.getKey().matches("X-.*|Idempotency-Key|If-Match|Accept")) {
                headers.addAll(List.of(parameter.getKey(), value));
            } else {
                query.append(query.isEmpty() ? '?' : '&')
                        .append(parameter.getKey())
                        .append('=')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
            }
        });
        String path = target + call.path("below").asText();
        return path.substring(0, path.length() - call.path("cut").asInt()) + query;
    }

    private static byte[] body(Operation operation, String name, JsonNode call) {
        if (call.has("bytes")) {
            return new byte[call.get("bytes").asInt()];
        }
        for (JsonNode media : operation.node().path("requestBody").path("content")) {
            JsonNode value = media.path("examples").path(name).path("value");
            if (!value.isMissingNode()) {
                return (value.isTextual() ? value.asText() : value.toString()).getBytes(StandardCharsets.UTF_8);
            }
        }
        return call.path("body").asText().getBytes(StandardCharsets.UTF_8);
    }

    private static void compareWithExample(Operation operation, String name, Reply reply) {
        JsonNode response = operation.node().get("responses").path(Integer.toString(reply.status()));
        for (JsonNode media : CONTRACT.resolved(response).path("content")) {
            JsonNode example = media.path("examples").path(name).path("value");
            if (example.isTextual()) {
                assertThat(reply.text()).isEqualTo(example.asText());
            } else if (!example.isMissingNode()) {
                assertThat(alike(example, Contract.body(reply)))
                        .as("%s is like %s", reply.text(), example)
                        .isTrue();
            }
        }
    }

    /** Whether all fields of the example are there and of its types; of an array one item must be like the first. */
    private static boolean alike(JsonNode example, JsonNode real) {
        if (example.isObject()) {
            return example.properties().stream()
                    .allMatch(field -> real.has(field.getKey()) && alike(field.getValue(), real.get(field.getKey())));
        }
        if (example.isArray()) {
            return example.isEmpty()
                    || Stream.iterate(0, i -> i < real.size(), i -> i + 1)
                            .anyMatch(i -> alike(example.get(0), real.get(i)));
        }
        return example.getNodeType() == real.getNodeType();
    }

    private void everyStatusWasSeen() {
        Set<String> unseen = new TreeSet<>();
        for (Operation operation : CONTRACT.operations()) {
            operation.node().get("responses").properties().forEach(response -> {
                String status = where(operation) + " " + response.getKey();
                JsonNode elsewhere = CONTRACT.resolved(response.getValue()).path("x-seen-by");
                boolean seen = response.getKey().equals("default")
                        || statuses.contains(status)
                        || elsewhere.isTextual() && isTest(elsewhere.asText());
                if (!seen) {
                    unseen.add(status);
                }
            });
        }
        assertThat(unseen).isEmpty();
    }

    private static boolean isTest(String name) {
        return Files.exists(Path.of("src/test/java", name.replace('.', '/') + ".java"));
    }
}
