package dev.caravan.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.caravan.docs.Markdown.Block;
import dev.caravan.docs.Markdown.Link;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Pages do not point nowhere, and what can be copied out of them is at least well-formed. */
class DocumentationTest {

    @Test
    void everyRelativeLinkLeadsSomewhere() throws IOException {
        var broken = new ArrayList<Link>();
        for (Path page : Markdown.pages()) {
            for (Link link : Markdown.links(page)) {
                if (!link.target().matches("[a-z]+:.*") && !resolves(link)) {
                    broken.add(link);
                }
            }
        }

        assertThat(broken).as("links that lead nowhere").isEmpty();
    }

    @Test
    void everyYamlBlockIsYaml() throws IOException {
        for (Block block : blocks("yaml")) {
            assertThatCode(() -> new Load(LoadSettings.builder().build())
                            .loadAllFromString(block.text())
                            .forEach(document -> {}))
                    .as(block.toString())
                    .doesNotThrowAnyException();
        }
    }

    /** A page that shows a route lets a {@code sh run} block save it, so that DocumentationIT loads and calls it. */
    @Test
    void noRouteIsShownThatIsNotTried() throws IOException {
        assertThat(blocks("yaml"))
                .filteredOn(block -> block.text().contains("- route"))
                .isEmpty();
    }

    /** Asks the shell itself, which reads the block and runs nothing. */
    @Test
    void everyShellBlockIsShell(@TempDir Path folder) throws Exception {
        for (Block block : blocks("sh")) {
            Path script = Files.writeString(folder.resolve("block.sh"), block.text() + "\n");
            Process bash = new ProcessBuilder("bash", "-n", script.toString())
                    .redirectErrorStream(true)
                    .start();
            String complaint = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(bash.waitFor(10, TimeUnit.SECONDS)).as(block.toString()).isTrue();
            assertThat(bash.exitValue()).as(block + ": " + complaint).isZero();
        }
    }

    private static List<Block> blocks(String language) throws IOException {
        var blocks = new ArrayList<Block>();
        for (Path page : Markdown.pages()) {
            Markdown.blocks(page).stream()
                    .filter(block -> block.language().equals(language))
                    .forEach(blocks::add);
        }
        return blocks;
    }

    private static boolean resolves(Link link) throws IOException {
        String[] parts = link.target().split("#", 2);
        Path target = parts[0].isEmpty()
                ? link.page()
                : link.page().toAbsolutePath().resolveSibling(parts[0]).normalize();
        if (Files.notExists(target)) {
            return false;
        }
        return parts.length == 1
                || !target.toString().endsWith(".md")
                || anchors(target).contains(parts[1]);
    }

    /** As GitHub makes them: lower case, punctuation gone, spaces to dashes. */
    private static List<String> anchors(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceAll("^#+\\s*", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
