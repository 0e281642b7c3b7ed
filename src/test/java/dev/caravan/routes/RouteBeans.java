package dev.caravan.routes;

import dev.caravan.docs.MarkdownTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The words that Caravan gives to the routes, as the vocabulary of routes/README.md has them; VocabularyTest compares
 * them with the code. A name in a route that is not here is a slip.
 */
public final class RouteBeans {

    private static final Pattern WORD = Pattern.compile("`([A-Za-z]+)[:`].*");

    private RouteBeans() {}

    public static Set<String> names() throws IOException {
        return MarkdownTable.rows(Path.of("routes/README.md")).stream()
                .filter(row -> row.size() == 2)
                .map(row -> WORD.matcher(row.get(0)))
                .filter(Matcher::matches)
                .map(word -> word.group(1))
                .collect(Collectors.toUnmodifiableSet());
    }
}
