package dev.caravan.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The contract, {@code openapi.yaml}: what it says about a request, and what a real answer does differently. */
public final class Contract {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The one that is served. */
    public static final Contract SERVED = new Contract(Path.of("src/main/resources/openapi.yaml"));

    /** Keys of a path item that are verbs. */
    private static final Set<String> VERBS = Set.of("get", "head", "post", "put", "patch", "delete", "options");

    /**
     * What may be asked of a path.
     *
     * @param path with its {@code {parameters}}
     * @param verb in upper case
     */
    public record Operation(String path, String verb, JsonNode item, JsonNode node) {

        public boolean anyVerb() {
            return item.path("x-any-verb").asBoolean();
        }

        /** Whether what stands below the path belongs to it. */
        public boolean prefix() {
            return item.path("x-prefix").asBoolean() || node.path("x-prefix").asBoolean();
        }

        public boolean ofResque() {
            return node.at("/tags/0").asText().equals("Resque");
        }

        public boolean open() {
            return node.path("security").isArray() && node.path("security").isEmpty();
        }

        @Override
        public String toString() {
            return verb + " " + path;
        }
    }

    private final JsonNode root;
    private final Map<JsonNode, JsonSchema> schemas = new IdentityHashMap<>();

    private Contract(Path file) {
        try {
            root = JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public JsonNode root() {
        return root;
    }

    public List<Operation> operations() {
        var operations = new ArrayList<Operation>();
        root.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(entry -> {
                    if (VERBS.contains(entry.getKey())) {
                        operations.add(new Operation(
                                path.getKey(),
                                entry.getKey().toUpperCase(Locale.ROOT),
                                path.getValue(),
                                entry.getValue()));
                    }
                }));
        return operations;
    }

    /** What a reference leads to, or the node itself. */
    public JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? root.at(node.get("$ref").asText().substring(1)) : node;
    }

    /** What is wrong with a value according to a schema of this file. */
    public synchronized List<String> problems(JsonNode schema, JsonNode value) {
        JsonSchema validator = schemas.computeIfAbsent(schema, this::compiled);
        return validator.validate(value).stream()
                .map(ValidationMessage::getMessage)
                .toList();
    }

    private JsonSchema compiled(JsonNode schema) {
        ObjectNode whole = JSON.createObjectNode();
        whole.set("components", root.get("components"));
        whole.putArray("allOf").add(schema);
        var settings =
                SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
        return JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(whole, settings);
    }

    /**
     * What the contract did not expect of a real answer; empty also for paths that it does not know, since whoever has
     * routes of his own answers for them, and for those that no route serves, since a node may run without some.
     */
    public List<String> problems(String verb, String target, Reply reply) {
        String path = target.replaceFirst("\\?.*", "");
        List<Operation> onPath =
                operations().stream().filter(each -> serves(each, path)).toList();
        Optional<Operation> operation = onPath.stream()
                .filter(each -> each.verb().equals(verb))
                .findFirst()
                .or(() -> onPath.stream().filter(Operation::anyVerb).findFirst());
        if (onPath.isEmpty() || reply.text().equals("404 page not found\n")) {
            return List.of();
        }
        if (operation.isEmpty()) {
            return reply.status() == 405 ? List.of() : List.of("the verb is not in the contract, and not answered 405");
        }
        return ofAFunction(operation.get(), reply) ? List.of() : problems(operation.get(), reply);
    }

    private static boolean ofAFunction(Operation operation, Reply reply) {
        return operation.node().path("responses").path("default").toString().contains("FunctionSaid")
                && reply.header("X-OpenFaaS-Internal").isEmpty();
    }

    private static boolean serves(Operation operation, String path) {
        String pattern = operation
                .path()
                .replaceAll("/$", "")
                .replaceAll("\\{[^}]+}", "[^/]+")
                .replace(".", "\\.");
        return path.matches(pattern + (operation.prefix() ? "(/.*)?" : "/?"));
    }

    /** What is wrong with an answer that the platform made. */
    public List<String> problems(Operation operation, Reply reply) {
        JsonNode responses = operation.node().get("responses");
        JsonNode documented = responses.get(Integer.toString(reply.status()));
        JsonNode response = resolved(documented == null ? responses.get("default") : documented);
        if (documented == null && response.has("x-also") && !covers(response, reply.status())) {
            return List.of("status " + reply.status() + " is not documented");
        }
        var problems = new ArrayList<String>();
        response.path("headers").properties().forEach(header -> {
            JsonNode node = resolved(header.getValue());
            String value = reply.header(header.getKey());
            if (value.isEmpty() && node.path("required").asBoolean()) {
                problems.add("header " + header.getKey() + " is missing");
            } else if (!value.isEmpty()) {
                problems.addAll(problems(node.get("schema"), TextNode.valueOf(value)));
            }
        });
        if (!operation.verb().equals("HEAD")) {
            problems.addAll(bodyProblems(response.path("content"), reply));
        }
        return problems;
    }

    private static boolean covers(JsonNode response, int status) {
        for (JsonNode also : response.get("x-also")) {
            if (also.asInt() == status) {
                return true;
            }
        }
        return false;
    }

    private List<String> bodyProblems(JsonNode content, Reply reply) {
        if (content.isMissingNode()) {
            return reply.bytes().length == 0 ? List.of() : List.of("there is a body, but none is documented");
        }
        if (content.has("*/*")) {
            return List.of();
        }
        String type = mediaType(reply);
        JsonNode media = content.get(type);
        if (media == null) {
            return List.of("the body is \"" + type + "\", which is not documented");
        }
        return problems(media.get("schema"), body(reply));
    }

    /** As the schemas see it: lines of JSON are an array, and what is no JSON is a text. */
    public static JsonNode body(Reply reply) {
        String type = mediaType(reply);
        if (type.equals("application/x-ndjson")) {
            ArrayNode lines = JSON.createArrayNode();
            reply.text().lines().filter(line -> !line.isBlank()).forEach(line -> lines.add(tree(line)));
            return lines;
        }
        return type.endsWith("json") ? reply.json() : TextNode.valueOf(reply.text());
    }

    private static JsonNode tree(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + line, e);
        }
    }

    private static String mediaType(Reply reply) {
        return reply.header("Content-Type").replaceFirst("\\s*;.*", "");
    }

    /** The documented fields, {@code Schema/field} or deeper, of what some operations answer. */
    public Set<String> answeredFields(Predicate<Operation> which) {
        var fields = new TreeSet<String>();
        for (Operation operation : operations().stream().filter(which).toList()) {
            operation
                    .node()
                    .get("responses")
                    .forEach(response -> resolved(response)
                            .path("content")
                            .forEach(media -> walk("", media.path("schema"), null, fields)));
        }
        return fields;
    }

    /** Those of them that an answer has. */
    public Set<String> fieldsOf(Operation operation, Reply reply) {
        var fields = new TreeSet<String>();
        JsonNode response = resolved(operation.node().get("responses").path(Integer.toString(reply.status())));
        JsonNode media = response.path("content").path(mediaType(reply));
        if (media.has("schema")) {
            walk("", media.get("schema"), body(reply), fields);
        }
        return fields;
    }

    private static boolean hasFieldsOf(String schema, Set<String> found) {
        return found.stream().anyMatch(field -> field.startsWith(schema + "/"));
    }

    /** @param value null: every field counts, not only those that are there */
    private void walk(String name, JsonNode schema, @Nullable JsonNode value, Set<String> found) {
        if (schema.has("$ref")) {
            String reference = schema.get("$ref").asText();
            String named = reference.substring(reference.lastIndexOf('/') + 1);
            // One that is made of its like would go on for ever; its fields are the same everywhere.
            if (value != null || !hasFieldsOf(named, found)) {
                walk(named, resolved(schema), value, found);
            }
            return;
        }
        schema.path("allOf").forEach(part -> walk(name, part, value, found));
        if (schema.has("items")) {
            if (value == null) {
                walk(name, schema.get("items"), null, found);
            } else {
                value.forEach(item -> walk(name, schema.get("items"), item, found));
            }
        }
        schema.path("properties").properties().forEach(field -> {
            if (value == null || value.has(field.getKey())) {
                String path = name + "/" + field.getKey();
                found.add(path);
                walk(path, field.getValue(), value == null ? null : value.get(field.getKey()), found);
            }
        });
    }
}
