package dev.caravan.queue;

import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A function's annotations, read one by one.
 *
 * @param invalid told the annotation and what it held for each that makes no sense; its default then applies
 */
record Annotations(Map<String, String> all, BiConsumer<String, String> invalid) {

    /** @param parser throws {@link IllegalArgumentException} for a value that makes no sense */
    <T> T read(String annotation, Function<String, T> parser, T otherwise) {
        String text = all.get(annotation);
        if (text == null) {
            return otherwise;
        }
        try {
            return parser.apply(text.strip());
        } catch (IllegalArgumentException e) {
            invalid.accept(annotation, text);
            return otherwise;
        }
    }
}
