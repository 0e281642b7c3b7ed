package dev.caravan.docs;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What stands in a Markdown page of this repository, as far as tests look at it. */
final class Markdown {

    private static final Set<String> NOT_OURS = Set.of("target", "data", "node_modules", ".git");
    private static final Pattern LINK = Pattern.compile("(?<!`)\\[[^\\]\\n]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern FENCE = Pattern.compile("^(\\s*)```\\s*(.*)$");

    /**
     * A fenced block.
     *
     * @param marks what follows the three back-ticks, e.g. {@code sh} or {@code sh run}
     * @param line of its opening fence, from 1
     */
    record Block(Path page, int line, List<String> marks, String text) {

        String language() {
            return marks.isEmpty() ? "" : marks.get(0);
        }

        /** For the message of a failing test. */
        @Override
        public String toString() {
            return page + ":" + line;
        }
    }

    /** A link from a page, as it is written. */
    record Link(Path page, String target) {}

    private Markdown() {}

    /** Every page of the repository. What is built or running is not looked into: it changes while one looks. */
    static List<Path> pages() throws IOException {
        var pages = new ArrayList<Path>();
        Files.walkFileTree(Path.of(""), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return NOT_OURS.contains(folder.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".md")) {
                    pages.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return pages;
    }

    static List<Block> blocks(Path page) throws IOException {
        var blocks = new ArrayList<Block>();
        List<String> lines = Files.readAllLines(page);
        for (int i = 0; i < lines.size(); i++) {
            Matcher opening = FENCE.matcher(lines.get(i));
            if (opening.matches()) {
                int end = i + 1;
                while (end < lines.size() && !lines.get(end).strip().equals("```")) {
                    end++;
                }
                if (end == lines.size()) {
                    throw new AssertionError(page + ":" + (i + 1) + ": a fenced block is never closed");
                }
                String marks = opening.group(2).strip();
                blocks.add(new Block(
                        page,
                        i + 1,
                        marks.isEmpty() ? List.of() : List.of(marks.split("\\s+")),
                        outdented(lines.subList(i + 1, end), opening.group(1))));
                i = end;
            }
        }
        return blocks;
    }

    /** A block inside a list item stands as far to the right as its fence. */
    private static String outdented(List<String> lines, String indent) {
        return lines.stream()
                .map(line -> line.startsWith(indent) ? line.substring(indent.length()) : line)
                .collect(Collectors.joining("\n"));
    }

    static List<Link> links(Path page) throws IOException {
        String prose = Files.readString(page).replaceAll("(?ms)^\\s*```.*?^\\s*```\\s*$", "");
        return LINK.matcher(prose)
                .results()
                .map(link -> new Link(page, link.group(1)))
                .toList();
    }
}
