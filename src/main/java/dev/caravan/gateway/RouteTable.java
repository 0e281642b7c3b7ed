package dev.caravan.gateway;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds who serves a path: templates of literal segments and <code>{parameters}</code>, matched against the raw,
 * percent-encoded path, so that nothing in it is ever decoded twice or normalised.
 *
 * <p>The most specific template that takes the verb wins: a literal before a parameter, a longer before a shorter one.
 * Among equals it is the one added last, so that a reloaded route takes over from its predecessor at once. Any thread
 * may look up while others add and remove.
 *
 * @param <T> who serves
 */
final class RouteTable<T> {

    /** @param verbs in upper case; empty for all */
    record Entry<T>(String template, boolean prefix, Set<String> verbs, T target) {}

    /**
     * The outcome of a look-up.
     *
     * @param target null when nobody serves it
     * @param parameters raw values by name
     * @param allowed the verbs the path is known under when nobody takes this one; empty when the path is unknown
     */
    record Match<T>(@Nullable T target, Map<String, String> parameters, Set<String> allowed) {}

    private static final class Node<T> {
        final Map<String, Node<T>> literals = new HashMap<>();

        @Nullable
        Node<T> parameter;

        /** Newest first; parameter names may differ from entry to entry. */
        final List<Entry<T>> exact = new ArrayList<>();

        final List<Entry<T>> prefix = new ArrayList<>();
    }

    private List<Entry<T>> entries = List.of();
    private volatile Node<T> root = new Node<>();

    synchronized void add(Entry<T> entry) {
        var more = new ArrayList<Entry<T>>();
        more.add(entry);
        more.addAll(entries);
        rebuild(more);
    }

    /** Removes what was added for {@code target}. */
    synchronized void remove(T target) {
        rebuild(entries.stream().filter(entry -> entry.target() != target).toList());
    }

    private void rebuild(List<Entry<T>> newestFirst) {
        var tree = new Node<T>();
        for (Entry<T> entry : newestFirst) {
            Node<T> node = tree;
            for (String segment : segments(entry.template())) {
                if (isParameter(segment)) {
                    if (node.parameter == null) {
                        node.parameter = new Node<>();
                    }
                    node = node.parameter;
                } else {
                    node = node.literals.computeIfAbsent(segment, absent -> new Node<>());
                }
            }
            (entry.prefix() ? node.prefix : node.exact).add(entry);
        }
        entries = List.copyOf(newestFirst);
        root = tree;
    }

    /** @param path raw; starts with a slash */
    Match<T> find(String verb, String path) {
        Entry<T> found = search(verb, path, null);
        if (found == null) {
            Set<String> allowed = new TreeSet<>();
            search(verb, path, allowed);
            return new Match<>(null, Map.of(), allowed);
        }
        return new Match<>(found.target(), parameters(found.template(), path), Set.of());
    }

    /** @param allowed collects the verbs that were passed over; null when nobody wants to know */
    private @Nullable Entry<T> search(String verb, String path, @Nullable Set<String> allowed) {
        Entry<T> found = search(root, path, 1, verb, allowed);
        return found == null && path.length() > 1 && path.endsWith("/")
                ? search(root, path.substring(0, path.length() - 1), 1, verb, allowed)
                : found;
    }

    /** @param from where the next segment starts; past the end when there is none */
    private static <T> @Nullable Entry<T> search(
            Node<T> node, String path, int from, String verb, @Nullable Set<String> allowed) {
        if (from > path.length() || from == path.length() && from == 1) {
            Entry<T> exact = taking(node.exact, verb, allowed);
            return exact != null ? exact : taking(node.prefix, verb, allowed);
        }
        int slash = path.indexOf('/', from);
        int end = slash < 0 ? path.length() : slash;
        String segment = path.substring(from, end);
        Node<T> literal = node.literals.get(segment);
        Entry<T> found = literal == null ? null : search(literal, path, end + 1, verb, allowed);
        if (found == null && node.parameter != null && !segment.isEmpty()) {
            found = search(node.parameter, path, end + 1, verb, allowed);
        }
        return found != null ? found : taking(node.prefix, verb, allowed);
    }

    private static <T> @Nullable Entry<T> taking(
            List<Entry<T>> candidates, String verb, @Nullable Set<String> allowed) {
        for (Entry<T> entry : candidates) {
            if (entry.verbs().isEmpty() || entry.verbs().contains(verb)) {
                return entry;
            }
            if (allowed != null) {
                allowed.addAll(entry.verbs());
            }
        }
        return null;
    }

    private static Map<String, String> parameters(String template, String path) {
        if (template.indexOf('{') < 0) {
            return Map.of();
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        List<String> values = segments(path);
        List<String> names = segments(template);
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (isParameter(name)) {
                parameters.put(name.substring(1, name.length() - 1), values.get(i));
            }
        }
        return parameters;
    }

    private static boolean isParameter(String segment) {
        return segment.startsWith("{") && segment.endsWith("}");
    }

    private static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        int from = path.startsWith("/") ? 1 : 0;
        while (from < path.length()) {
            int slash = path.indexOf('/', from);
            int end = slash < 0 ? path.length() : slash;
            segments.add(path.substring(from, end));
            from = end + 1;
        }
        return segments;
    }
}
