package dev.caravan.cli;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One thing that can be asked for: one operation of the system API.
 *
 * @param noun what it is about: {@code letters}
 * @param operation the API's {@code operationId}
 * @param path with its parameters in braces
 * @param question asked before it is done; empty when it is done unasked
 */
record Verb(
        String noun,
        String word,
        String operation,
        String method,
        String path,
        Shape shape,
        String summary,
        String question,
        List<Param> params) {

    static Verb get(String noun, String word, String operation, String path, Shape shape, String summary) {
        return new Verb(noun, word, operation, "GET", path, shape, summary, "", List.of());
    }

    /** Something that changes something. */
    static Verb doing(String noun, String word, String operation, String method, String path, String summary) {
        return new Verb(noun, word, operation, method, path, Shape.RECORD, summary, "", List.of());
    }

    Verb with(Param... more) {
        return new Verb(noun, word, operation, method, path, shape, summary, question, List.of(more));
    }

    Verb as(Shape other) {
        return new Verb(noun, word, operation, method, path, other, summary, question, params);
    }

    /** Not unasked, unless {@code --yes} is said. */
    Verb asking(String text) {
        return new Verb(noun, word, operation, method, path, shape, summary, text, params);
    }

    List<Param> positional() {
        return params.stream().filter(Param::positional).toList();
    }

    Optional<Param> option(String name) {
        return params.stream().filter(param -> param.name().equals(name)).findFirst();
    }

    /** Whether it changes something. */
    boolean changes() {
        return !method.equals("GET");
    }

    String usage() {
        return (noun + " " + word + " " + params.stream().map(Param::usage).collect(Collectors.joining(" "))).strip();
    }
}
