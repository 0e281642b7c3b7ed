package dev.caravan.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.docs.MarkdownTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the reference says about metrics is what a scrape shows after everything has happened once. */
class MetricsReferenceTest {

    private static final Path PAGE = Path.of("docs/reference/metrics.md");

    /** Described on the page as groups: which of them there are differs between JDKs. */
    private static final Predicate<String> OF_THE_JVM =
            Pattern.compile("^(jvm|process|system)_").asPredicate();

    @Test
    void thePageListsEveryMetricWithItsTypeAndLabelsAndNothingElse() throws IOException {
        Map<String, String> onThePage = MarkdownTable.rows(PAGE).stream()
                .filter(row -> !row.get(0).contains("*"))
                .collect(Collectors.toMap(
                        row -> row.get(0).replace("`", ""),
                        row -> row.get(1) + " " + labels(row.get(2)),
                        (a, b) -> a + " twice",
                        TreeMap::new));

        assertThat(onThePage).isEqualTo(scraped());
    }

    private static List<String> labels(String cell) {
        return Arrays.stream(cell.replace("`", "").split(", "))
                .filter(label -> !label.isEmpty())
                .sorted()
                .toList();
    }

    private static Map<String, String> scraped() {
        var seen = new TreeMap<String, String>();
        for (Levels levels : List.of(Events.LEVELS, broken())) {
            try (var telemetry = new Telemetry(levels)) {
                Events.publishAll(telemetry);
                telemetry.tellOf(new JobFigures(() -> 4, () -> 3, () -> 2, () -> 1, () -> Map.of("mail", 7L)));
                seen.putAll(families(Exposition.of(telemetry.scrape("text/plain; version=0.0.4"))));
            }
        }
        return seen;
    }

    private static Levels broken() {
        return new Levels() {
            @Override
            public Map<QueueState, Long> calls() {
                throw new IllegalStateException("database away");
            }
        };
    }

    private static Map<String, String> families(Exposition metrics) {
        var families = new TreeMap<String, String>();
        metrics.types.forEach((family, type) -> {
            if (!OF_THE_JVM.test(family)) {
                var labels = new TreeSet<String>();
                metrics.samples.keySet().stream()
                        .filter(sample -> sample.matches(family + "(_bucket|_sum|_count)?(\\{.*)?"))
                        .forEach(sample -> Pattern.compile("([a-z_]+)=\"")
                                .matcher(sample)
                                .results()
                                .map(label -> label.group(1))
                                .filter(label -> !label.equals("le"))
                                .forEach(labels::add));
                families.put(family, type + " " + List.copyOf(labels));
            }
        });
        return families;
    }
}
