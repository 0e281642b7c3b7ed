package dev.caravan.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.config.Settings;
import dev.caravan.testing.Requirement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What stands in {@code docker/} is whole in itself, names what is there, and keeps its promises. */
class ComposeFilesTest {

    private static final Path FOLDER = Path.of("docker");
    private static final List<String> EXPECTED = List.of("caravan", "postgres", "redis", "prometheus", "alertmanager");

    @ParameterizedTest
    @ValueSource(strings = {"compose.yaml", "stack.yaml"})
    void whatAServiceRefersToIsThere(String file) throws IOException {
        JsonNode root = read(file);

        assertThat(root.get("services").fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(EXPECTED);
        for (JsonNode service : root.get("services")) {
            assertThat(service.path("image").asText()).as(service.toString()).isNotEmpty();
            service.path("networks").forEach(name -> assertDefined(root, "networks", name.asText()));
            service.path("secrets").forEach(secret -> assertDefined(root, "secrets", source(secret)));
            service.path("configs").forEach(config -> assertDefined(root, "configs", source(config)));
            service.path("volumes").forEach(volume -> {
                if (volume.isObject()) {
                    assertThat(volume.path("type").asText()).isEqualTo("tmpfs");
                    return;
                }
                String from = volume.asText().replaceFirst(":.*", "");
                if (from.startsWith("./")) {
                    assertThat(FOLDER.resolve(from)).isDirectory();
                } else {
                    assertDefined(root, "volumes", from);
                }
            });
            service.path("depends_on").fieldNames().forEachRemaining(name -> assertDefined(root, "services", name));
        }
        root.path("configs")
                .forEach(config ->
                        assertThat(FOLDER.resolve(config.get("file").asText())).isRegularFile());
    }

    private static void assertDefined(JsonNode root, String kind, String name) {
        assertThat(root.path(kind).has(name)).as("%s %s", kind, name).isTrue();
    }

    private static String source(JsonNode reference) {
        return reference.isTextual()
                ? reference.asText()
                : reference.get("source").asText();
    }

    @ParameterizedTest
    @ValueSource(strings = {"compose.yaml", "stack.yaml"})
    void noPasswordStandsInIt(String file) throws IOException {
        for (JsonNode service : read(file).get("services")) {
            service.path("environment").properties().forEach(variable -> {
                if (variable.getKey().contains("PASSWORD")) {
                    assertThat(variable.getKey()).endsWith("_FILE");
                    assertThat(variable.getValue().asText()).startsWith("/run/secrets/");
                }
                assertThat(variable.getValue().asText()).doesNotContainPattern("//[^/]*:[^/]*@");
            });
        }
    }

    @Test
    void onOneMachineEveryPortIsItsOwnAndNobodyGainsRights() throws IOException {
        for (JsonNode service : read("compose.yaml").get("services")) {
            service.path("ports").forEach(port -> assertThat(port.asText()).startsWith("127.0.0.1:"));
            assertThat(service.path("security_opt").toString()).contains("no-new-privileges:true");
            assertThat(service.path("cap_drop").toString()).isEqualTo("[\"ALL\"]");
            assertThat(service.has("cap_add")).isFalse();
            assertThat(service.path("read_only").asBoolean()).isTrue();
        }
    }

    @Test
    void onASwarmNobodyHasRightsAndNothingIsSaidThatItOverlooks() throws IOException {
        for (JsonNode service : read("stack.yaml").get("services")) {
            assertThat(service.path("cap_drop").toString()).isEqualTo("[\"ALL\"]");
            assertThat(service.path("read_only").asBoolean()).isTrue();
            assertThat(service.at("/deploy/endpoint_mode").asText()).isEqualTo("dnsrr");
            for (String overlooked : List.of("tmpfs", "restart", "security_opt", "depends_on", "group_add")) {
                assertThat(service.has(overlooked)).as(overlooked).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"compose.yaml", "stack.yaml"})
    void theSettingsOfCaravanAreSettings(String file) throws IOException {
        Map<String, String> environment = new HashMap<>();
        read(file)
                .at("/services/caravan/environment")
                .properties()
                .forEach(variable ->
                        environment.put(variable.getKey(), variable.getValue().asText()));

        assertThat(Settings.from(environment).database().embedded()).isFalse();
    }

    @Test
    void prometheusTakesItsConfigurationAndItsRules() throws Exception {
        boolean there = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool")));
        Requirement.that(there, "promtool, which Debian's prometheus brings");
        Process promtool = new ProcessBuilder("promtool", "check", "config", "docker/prometheus/prometheus.yml")
                .redirectErrorStream(true)
                .start();

        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(said).isZero();
        assertThat(said).contains("6 rules found");
    }

    /** With what {@code <<} takes from elsewhere, which this version of YAML does not know. */
    private static JsonNode read(String file) throws IOException {
        JsonNode root = new ObjectMapper()
                .valueToTree(new Load(LoadSettings.builder().build())
                        .loadFromString(Files.readString(FOLDER.resolve(file))));
        for (JsonNode service : root.get("services")) {
            for (JsonNode part : List.of(service, service.path("deploy"))) {
                if (part.has("<<")) {
                    ObjectNode own = (ObjectNode) part;
                    JsonNode common = own.remove("<<");
                    common.properties().stream()
                            .filter(entry -> !own.has(entry.getKey()))
                            .forEach(entry -> own.set(entry.getKey(), entry.getValue()));
                }
            }
        }
        return root;
    }
}
