package dev.caravan.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.config.MaskSettings;
import dev.caravan.function.FunctionScope;
import dev.caravan.gateway.auth.Caller;
import dev.caravan.gateway.auth.Rights;
import dev.caravan.gateway.auth.Role;
import dev.caravan.queue.SearchText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * What some do not see of requests, by {@code CARAVAN_MASK}: values of headers, and values at paths of bodies that are
 * JSON. Only what is shown is masked; what is run, replayed and kept is whole.
 */
public final class Masks {

    /** Stands in the place of a value. */
    static final String HIDDEN = "(hidden)";

    /** Nothing but keys is hidden from anybody. */
    public static final Masks NONE = new Masks(new MaskSettings(List.of(), MaskSettings.Who.VIEWER));

    /** Exact, since what was edited is run. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();
    /** What becomes of a value. */
    private interface Change {
        /** @param other what stands there in the other document; null for nothing */
        JsonNode of(JsonNode value, @Nullable JsonNode other);
    }

    private static final String BODY = "body.";
    private static final String HEADER = "header.";

    private final Set<String> headers = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final List<List<String>> paths = new ArrayList<>();
    private final Role hiddenFrom;

    public Masks(MaskSettings settings) {
        for (String rule : settings.rules()) {
            if (rule.startsWith(HEADER)) {
                headers.add(rule.substring(HEADER.length()));
            } else {
                paths.add(parts(rule.substring(BODY.length())));
            }
        }
        hiddenFrom = Role.valueOf(settings.hiddenFrom().name());
    }

    private static List<String> parts(String path) {
        return Arrays.asList(path.split("\\."));
    }

    /** What whoever asks may see. Where nobody is asked who it is, everybody is an admin. */
    Sight of(Exchange exchange) {
        Caller caller = exchange.getProperty(Caller.PROPERTY, Caller.class);
        Role role = caller == null ? Role.ADMIN : caller.role();
        return new Sight(hiddenFrom.covers(role) && !(headers.isEmpty() && paths.isEmpty()), Asking.rights(exchange));
    }

    /** What one caller sees. */
    final class Sight {

        private final boolean dimmed;
        private final Rights rights;

        private Sight(boolean dimmed, Rights rights) {
            this.dimmed = dimmed;
            this.rights = rights;
        }

        /** The functions that are there for him. */
        FunctionScope functions() {
            return rights.functions();
        }

        /** Whether he sees bodies at all, be it with something hidden in them. */
        boolean mayViewBodies() {
            return rights.bodies();
        }

        /** Whether some values may be hidden. */
        boolean dimmed() {
            return dimmed;
        }

        boolean sees(String header) {
            return !SearchText.isSecret(header) && !(dimmed && headers.contains(header));
        }

        /** Whether nothing at a path of a body is hidden, nor below it. */
        boolean seesPath(String path) {
            List<String> asked = parts(path);
            return rights.bodies() && (!dimmed || paths.stream().noneMatch(rule -> covers(rule, asked)));
        }

        /** Whether the whole of a body is seen, whatever it is. */
        boolean seesBodies() {
            return rights.bodies() && (!dimmed || paths.isEmpty());
        }

        boolean seesHeaders() {
            return !dimmed || headers.isEmpty();
        }

        /** A body as it is shown. */
        byte[] body(byte[] body) {
            if (seesBodies()) {
                return body;
            }
            JsonNode json = parsed(body);
            boolean[] any = new boolean[1];
            for (List<String> path : paths) {
                json = changed(json, null, path, 0, (value, original) -> {
                    any[0] = true;
                    return TextNode.valueOf(HIDDEN);
                });
            }
            return any[0] ? String.valueOf(json).getBytes(StandardCharsets.UTF_8) : body;
        }

        /**
         * A body that was edited as it was shown, with what was hidden from who edited it.
         *
         * @throws HttpFailure 400 when it says that something is hidden where nothing was
         */
        byte[] restored(byte[] edited, byte[] original) {
            if (seesBodies()) {
                return edited;
            }
            JsonNode json = parsed(edited);
            JsonNode before = parsed(original);
            boolean[] any = new boolean[1];
            for (List<String> path : paths) {
                json = changed(json, before, path, 0, (value, hidden) -> {
                    if (!value.isTextual() || !value.textValue().equals(HIDDEN)) {
                        return value;
                    }
                    if (hidden == null) {
                        throw new HttpFailure(
                                400,
                                "the body says " + HIDDEN + " at " + String.join(".", path)
                                        + ", where the call has nothing: write a value");
                    }
                    any[0] = true;
                    return hidden;
                });
            }
            return any[0] ? String.valueOf(json).getBytes(StandardCharsets.UTF_8) : edited;
        }
    }

    /** Whether what a rule hides is at a path, above it or below it. */
    private static boolean covers(List<String> rule, List<String> asked) {
        for (int i = 0; i < Math.min(rule.size(), asked.size()); i++) {
            if (!rule.get(i).equals("*") && !rule.get(i).equals(asked.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Replaces what stands at a path, everywhere it leads. @param other what stands there in another document */
    private static @Nullable JsonNode changed(
            @Nullable JsonNode node, @Nullable JsonNode other, List<String> path, int at, Change change) {
        if (node == null) {
            return null;
        }
        if (at == path.size()) {
            return change.of(node, other);
        }
        String part = path.get(at);
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(name -> {
                if (part.equals("*") || part.equals(name)) {
                    names.add(name);
                }
            });
            for (String name : names) {
                JsonNode inner = other == null ? null : other.get(name);
                object.set(name, changed(object.get(name), inner, path, at + 1, change));
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                if (part.equals("*") || part.equals(Integer.toString(i))) {
                    JsonNode inner = other == null ? null : other.get(i);
                    array.set(i, changed(array.get(i), inner, path, at + 1, change));
                }
            }
        }
        return node;
    }

    /** Null when it is no JSON. */
    private static @Nullable JsonNode parsed(byte[] body) {
        try {
            return body.length == 0 ? null : JSON.readTree(body);
        } catch (IOException e) {
            return null;
        }
    }

    /** A request that was kept as JSON, with {@code headers} and a {@code body} when that is text, as it is shown. */
    JsonNode request(JsonNode kept, Sight sight) {
        if (!sight.dimmed() && sight.mayViewBodies() || !(kept instanceof ObjectNode request)) {
            return kept;
        }
        if (!sight.mayViewBodies()) {
            withoutBody(request);
        }
        if (request.path("body").isTextual()) {
            byte[] body = request.get("body").textValue().getBytes(StandardCharsets.UTF_8);
            request.put("body", new String(sight.body(body), StandardCharsets.UTF_8));
        }
        if (request.get("headers") instanceof ObjectNode all) {
            hide(all, sight);
        }
        return request;
    }

    /** Says that there is one. */
    static void withoutBody(ObjectNode request) {
        request.remove(List.of("body", "bodyBase64"));
        request.put("bodyHidden", true);
    }

    /** Of attempts, as a history has them, what the function answered. */
    static JsonNode withoutExcerpts(JsonNode history) {
        history.forEach(attempt -> {
            if (attempt instanceof ObjectNode one) {
                one.remove("responseExcerpt");
            }
        });
        return history;
    }

    private static void hide(ObjectNode headers, Sight sight) {
        List<String> names = new ArrayList<>();
        headers.fieldNames().forEachRemaining(names::add);
        names.removeIf(sight::sees);
        names.forEach(name -> headers.putArray(name).add(HIDDEN));
    }

    /** An exported letter as it may leave, marked so that nobody takes it for a whole one. */
    String line(String line, Sight sight) {
        if (!sight.dimmed() && sight.mayViewBodies()) {
            return line;
        }
        try {
            ObjectNode letter = (ObjectNode) JSON.readTree(line);
            letter.put("masked", true);
            if (!sight.mayViewBodies()) {
                withoutBody(letter);
                withoutExcerpts(letter.path("history"));
                if (letter.get("call") instanceof ObjectNode call) {
                    call.remove("CaravanHistory"); // the same once more, as the message has it
                }
            }
            if (letter.path("body").isTextual()) {
                byte[] body = letter.get("body").textValue().getBytes(StandardCharsets.UTF_8);
                letter.put("body", new String(sight.body(body), StandardCharsets.UTF_8));
            }
            if (letter.path("call").path("CaravanHeaders").isTextual()) {
                var all = (ObjectNode)
                        JSON.readTree(letter.path("call").path("CaravanHeaders").textValue());
                hide(all, sight);
                ((ObjectNode) letter.get("call")).put("CaravanHeaders", all.toString());
            }
            return letter + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a letter's line is JSON", e);
        }
    }
}
