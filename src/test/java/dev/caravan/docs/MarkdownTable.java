package dev.caravan.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The rows of the tables in a Markdown page, for tests that hold a page to what the code says. */
public final class MarkdownTable {

    private MarkdownTable() {}

    /** Every row of every table, head and rule lines left out; cells without their white space. */
    public static List<List<String>> rows(Path page) throws IOException {
        List<String> lines = Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("|"))
                .toList();
        return IntStream.range(0, lines.size())
                .filter(i -> !rule(lines.get(i)) && !(i + 1 < lines.size() && rule(lines.get(i + 1))))
                .mapToObj(i -> cells(lines.get(i)))
                .toList();
    }

    private static boolean rule(String line) {
        return line.matches("\\|[-:| ]+\\|");
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.substring(1, line.length() - 1).split("(?<!\\\\)\\|", -1))
                .map(String::strip)
                .toList();
    }
}
