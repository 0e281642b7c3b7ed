package dev.caravan.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A mapping of a YAML file that knows where each key stands.
 *
 * <p>Scalars are read as the text that was written, so {@code 1.10}, {@code 007} and {@code yes} are not turned into
 * numbers and booleans on the way to an environment variable.
 */
final class StackNode {

    private final Path file;
    private final String path;
    private final int line;
    private final Map<String, Node> values;

    private StackNode(Path file, String path, MappingNode node) throws StackFileException {
        this.file = file;
        this.path = path;
        this.line = line(node);
        this.values = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            String key = key(tuple);
            if (values.put(key, tuple.getValueNode()) != null) {
                throw wrong(tuple.getKeyNode(), name(key), "stands here twice");
            }
        }
        // "<<: *defaults" takes what the mapping itself does not say; YAML 1.2 has no such key, stack files do.
        if (values.remove("<<") instanceof MappingNode defaults) {
            for (NodeTuple tuple : defaults.getValue()) {
                values.putIfAbsent(key(tuple), tuple.getValueNode());
            }
        }
    }

    private String key(NodeTuple tuple) throws StackFileException {
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
            throw wrong(tuple.getKeyNode(), path.isEmpty() ? "the file" : path, "has a key that is no text");
        }
        return key.getValue();
    }

    /** @throws StackFileException when the file cannot be read or is not a YAML mapping */
    static StackNode read(Path file, UnaryOperator<String> prepared) throws StackFileException {
        String text;
        try {
            text = prepared.apply(Files.readString(file));
        } catch (IOException e) {
            throw new StackFileException("cannot read " + file + ": " + e, e);
        }
        Node root;
        try {
            root = new Compose(
                            LoadSettings.builder().setSchema(new CoreSchema()).build())
                    .composeString(text)
                    .orElseThrow(() -> new StackFileException(file + " is empty"));
        } catch (MarkedYamlEngineException e) {
            throw new StackFileException(
                    file + ":"
                            + e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1) + ": not YAML: "
                            + e.getProblem(),
                    e);
        } catch (YamlEngineException e) {
            throw new StackFileException(file + ": not YAML: " + e.getMessage(), e);
        }
        if (!(root instanceof MappingNode mapping)) {
            throw new StackFileException(file + ":1: must hold a mapping with the key \"functions\"");
        }
        return new StackNode(file, "", mapping);
    }

    Iterable<String> keys() {
        return values.keySet();
    }

    /** The text of a scalar; empty when absent, null or {@code ""}. */
    Optional<String> text(String key) throws StackFileException {
        Optional<Node> value = given(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(scalar(value.get(), name(key))).filter(text -> !text.isEmpty());
    }

    boolean flag(String key) throws StackFileException {
        Optional<Node> value = given(key);
        if (value.isEmpty()) {
            return false;
        }
        String text = scalar(value.get(), name(key));
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(value.get(), name(key), "must be true or false");
        };
    }

    List<String> texts(String key) throws StackFileException {
        Optional<Node> value = given(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!(value.get() instanceof SequenceNode sequence)) {
            throw wrong(value.get(), name(key), "must be a list");
        }
        List<String> texts = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            texts.add(scalar(item, name(key)));
        }
        return texts;
    }

    Map<String, String> textMap(String key) throws StackFileException {
        Map<String, String> texts = new LinkedHashMap<>();
        Optional<StackNode> inner = mapping(key);
        if (inner.isPresent()) {
            for (Map.Entry<String, Node> entry : inner.get().values.entrySet()) {
                Node value = entry.getValue();
                texts.put(
                        entry.getKey(),
                        isNull(value) ? "" : scalar(value, inner.get().name(entry.getKey())));
            }
        }
        return texts;
    }

    /** Empty when absent or null. */
    Optional<StackNode> mapping(String key) throws StackFileException {
        Optional<Node> value = given(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!(value.get() instanceof MappingNode mapping)) {
            throw wrong(value.get(), name(key), "must be a mapping");
        }
        return Optional.of(new StackNode(file, name(key), mapping));
    }

    /** What is wrong with the value of {@code key}, or with this mapping when the key is not there. */
    StackFileException wrong(String key, String problem) {
        Node value = values.get(key);
        return value == null
                ? new StackFileException(file + ":" + line + ": " + name(key) + " " + problem)
                : wrong(value, name(key), problem);
    }

    private Optional<Node> given(String key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !isNull(value));
    }

    private String scalar(Node node, String name) throws StackFileException {
        if (!(node instanceof ScalarNode scalar)) {
            throw wrong(node, name, "must be a single value");
        }
        return isNull(node) ? "" : scalar.getValue();
    }

    private String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private StackFileException wrong(Node node, String name, String problem) {
        return new StackFileException(file + ":" + line(node) + ": " + name + " " + problem);
    }

    private static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }
}
