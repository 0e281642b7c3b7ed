package dev.caravan.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The house rules for a folder of routes, which Camel itself does not know: names, descriptions, the canonical notation
 * that visual editors write, and nothing in a route that belongs into a bean.
 */
final class RouteLint {

    private static final String SUFFIX = ".camel.yaml";
    private static final String SCHEMA = "# yaml-language-server: $schema=https://";

    /** Who may call an endpoint. */
    private static final List<String> GROUPS = List.of("public", "viewer", "operator", "admin");

    private static final Set<String> SCRIPTS = Set.of(
            "script",
            "groovy",
            "java",
            "joor",
            "js",
            "mvel",
            "ognl",
            "python",
            "spel",
            "wasm",
            "csimple",
            "datasonnet");
    private static final Set<String> LANGUAGES = Set.of(
            "constant",
            "exchangeProperty",
            "header",
            "jq",
            "jsonpath",
            "language",
            "method",
            "ref",
            "simple",
            "tokenize",
            "variable",
            "xpath",
            "xtokenize");
    /** Where Camel's model takes a language without an {@code expression:} in between, even canonically. */
    private static final Set<String> PREDICATES = Set.of(
            "expression",
            "handled",
            "continued",
            "retryWhile",
            "correlationExpression",
            "completionPredicate",
            "completionSizeExpression",
            "completionTimeoutExpression");

    private static final Pattern COMPARISON = Pattern.compile(
            "\\s(==|=~|!=|!=~|>=?|<=?|!?contains|~~|!?regex|!?in|!?is|!?range|starts with|startsWith|ends with|endsWith)\\s");
    private static final Pattern BODY =
            Pattern.compile("\\$\\{(in\\.)?(body|bodyAs|bodyOneLine|message|mandatoryBody|prettyBody)");
    private static final Pattern SECRET = Pattern.compile(
            "(?i)(password|passwd|secret|token|api-?key|authorization)\\w*[\"']?\\s*[:=]\\s*[\"']?(?!\\{\\{|\\$\\{|RAW\\(\\{\\{)[^\\s\"'&,}]+");
    private static final Pattern CREDENTIALS_IN_URI = Pattern.compile("://[^/\\s\"'{]+:[^/\\s\"'{]+@");
    private static final Pattern MAP_ENTRY = Pattern.compile("[\\w/-]+\\.camel\\.yaml");

    private final Path folder;
    private final Set<String> beans;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> templates = new TreeSet<>();
    private final List<String[]> usedTemplates = new ArrayList<>();

    private RouteLint(Path folder, Set<String> beans) {
        this.folder = folder;
        this.beans = beans;
    }

    /** Returns one line per broken rule, {@code file: what is wrong}; none when the folder is in order. */
    static List<String> problems(Path folder, Set<String> beans) throws IOException {
        RouteLint lint = new RouteLint(folder, beans);
        lint.run();
        return lint.problems;
    }

    private void run() throws IOException {
        Set<String> files = new TreeSet<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(path -> path.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList()) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                files.add(name);
                check(name, Files.readString(file));
            }
        }
        for (String[] used : usedTemplates) {
            require(templates.contains(used[1]), used[0], "no file has the template \"" + used[1] + "\"");
        }
        checkMap(files);
    }

    private void checkMap(Set<String> files) throws IOException {
        Path readme = folder.resolve("README.md");
        Set<String> mapped = new TreeSet<>();
        if (Files.exists(readme)) {
            Matcher entry = MAP_ENTRY.matcher(Files.readString(readme));
            while (entry.find()) {
                mapped.add(entry.group());
            }
        }
        for (String file : files) {
            require(mapped.contains(file), file, "it is missing in the map in README.md");
        }
        for (String entry : mapped) {
            require(files.contains(entry), "README.md", "it names " + entry + ", which is not there");
        }
    }

    private void check(String file, String text) {
        require(text.startsWith(SCHEMA), file, "the first line must be \"" + SCHEMA + "…\"");
        text.lines().forEach(line -> {
            boolean secret = SECRET.matcher(line).find()
                    || CREDENTIALS_IN_URI.matcher(line).find();
            require(!secret, file, "this looks like a secret, use a {{placeholder}}: " + line.strip());
        });
        Object loaded;
        try {
            loaded = new Load(LoadSettings.builder().build()).loadFromString(text);
        } catch (RuntimeException e) {
            require(false, file, "it is not YAML: " + e.getMessage());
            return;
        }
        if (!(loaded instanceof List<?> entries) || entries.isEmpty()) {
            require(false, file, "it must be a list of routes");
            return;
        }
        int triggers = 0;
        for (Object entry : entries) {
            if (entry instanceof Map<?, ?> map && map.size() == 1) {
                triggers += checkEntry(file, map, entry == entries.get(0));
            } else {
                require(false, file, "each entry must have one key, such as route");
            }
        }
        require(triggers <= 1, file, "it has " + triggers + " triggers; one file, one trigger");
    }

    private int checkEntry(String file, Map<?, ?> entry, boolean first) {
        String kind = String.valueOf(entry.keySet().iterator().next());
        if (!(entry.get(kind) instanceof Map<?, ?> body)) {
            return 0;
        }
        String id = String.valueOf(body.get(kind.equals("templatedRoute") ? "routeId" : "id"));
        String name = file.substring(file.lastIndexOf('/') + 1);
        if (first) {
            require(name.equals(id + SUFFIX), file, "its first id is \"" + id + "\", which is not the file's name");
        }
        if (kind.equals("route") || kind.equals("routeTemplate")) {
            int length = body.get("description") instanceof String text ? text.length() : 0;
            require(
                    length >= 20 && length <= 120,
                    file,
                    kind + " \"" + id + "\" needs a description of 20 to 120 characters, has " + length);
        }
        Object from = body.get("route") instanceof Map<?, ?> templated ? templated.get("from") : body.get("from");
        boolean http = from instanceof Map<?, ?> door
                && String.valueOf(door.get("uri")).startsWith("platform-http:");
        if (http) {
            Object group =
                    body.get("route") instanceof Map<?, ?> templated ? templated.get("group") : body.get("group");
            require(
                    GROUPS.contains(String.valueOf(group)),
                    file,
                    "an HTTP endpoint says who may call it, group: " + String.join(", ", GROUPS) + "; found " + group);
        }
        if (kind.equals("routeTemplate")) {
            templates.add(id);
        }
        if (body.get("routeTemplateRef") instanceof String template) {
            usedTemplates.add(new String[] {file, template});
        }
        walk(kind, body, (key, value) -> checkNode(file, key, value));
        return from instanceof Map<?, ?> trigger
                        && !String.valueOf(trigger.get("uri")).startsWith("direct:")
                ? 1
                : 0;
    }

    private void checkNode(String file, String key, Object value) {
        require(!SCRIPTS.contains(key), file, "no inline scripts: \"" + key + "\" belongs into a bean");
        if (value instanceof Map<?, ?> map) {
            for (Object inner : map.keySet()) {
                boolean compact = LANGUAGES.contains(inner)
                        && !PREDICATES.contains(key)
                        && !Set.of("bean", "process", "method").contains(key);
                require(!compact, file, "compact notation: write " + key + ": expression: " + inner);
            }
            if (key.equals("log")) {
                String message = String.valueOf(map.get("message"));
                require(!BODY.matcher(message).find(), file, "a log must not show the body: " + message);
            }
            if (String.valueOf(map.get("uri")).startsWith("log:")) {
                boolean hidden = map.get("parameters") instanceof Map<?, ?> parameters
                        && "false".equals(String.valueOf(parameters.get("showBody")));
                require(hidden, file, "to log: shows the body unless parameters have showBody: false");
            }
            if (LANGUAGES.contains(key) && map.get("expression") instanceof String expression) {
                checkExpression(file, expression);
            }
        } else if (LANGUAGES.contains(key) && !key.equals("ref") && !key.equals("method")) {
            require(false, file, "compact notation: write " + key + ": { expression: … }");
        } else if (key.equals("step")) {
            require(false, file, "compact notation: a step needs a map, found \"" + value + "\"");
        }
        if (value instanceof String text) {
            checkReferences(file, key, text);
        }
    }

    private void checkExpression(String file, String expression) {
        long comparisons = COMPARISON.matcher(expression).results().count();
        boolean joined = expression.contains("&&") || expression.contains("||");
        require(comparisons <= 1 && !joined, file, "one comparison per expression, a bean decides: " + expression);
    }

    private void checkReferences(String file, String key, String text) {
        if (text.contains("{{")) {
            return;
        }
        boolean reference = key.equals("ref") || (key.endsWith("Ref") && !key.equals("routeTemplateRef"));
        String bean = reference ? text.replaceFirst("^#(bean:)?", "") : "";
        if (key.equals("uri") && text.startsWith("bean:")) {
            bean = text.substring("bean:".length()).replaceFirst("\\?.*", "");
        } else if (text.startsWith("#bean:")) {
            bean = text.substring("#bean:".length());
        }
        require(bean.isEmpty() || beans.contains(bean), file, "no bean is called \"" + bean + "\"");
    }

    /** Visits every key below a node with its value; what is in {@code parameters} is the component's own language. */
    private static void walk(String key, Object node, BiConsumer<String, Object> visitor) {
        visitor.accept(key, node);
        if (node instanceof Map<?, ?> map) {
            map.forEach((inner, value) -> {
                if (inner.equals("parameters")) {
                    return;
                }
                if (inner.equals("steps") && value instanceof List<?> steps) {
                    steps.forEach(step -> walkStep(step, visitor));
                } else {
                    walk(String.valueOf(inner), value, visitor);
                }
            });
        } else if (node instanceof List<?> list) {
            list.forEach(item -> walk(key, item, visitor));
        }
    }

    private static void walkStep(Object step, BiConsumer<String, Object> visitor) {
        if (!(step instanceof Map<?, ?> map)) {
            visitor.accept("step", step);
            return;
        }
        map.forEach((name, value) -> {
            if (value instanceof Map || value instanceof List) {
                walk(String.valueOf(name), value, visitor);
            } else {
                visitor.accept("step", name + ": " + value);
            }
        });
    }

    private void require(boolean holds, String file, String otherwise) {
        if (!holds) {
            problems.add(file + ": " + otherwise);
        }
    }
}
