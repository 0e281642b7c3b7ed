package dev.caravan.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.Caravan;
import dev.caravan.config.Settings;
import dev.caravan.docs.Markdown.Block;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Does what the pages say, on a Caravan of its own per page, and sees what they print.
 *
 * <p>A block {@code sh run} is run, in the order of the page, in one shell; {@code sh run until} is repeated until it
 * prints what the page says. A block {@code text} right behind it is what it prints: ids, times and figures with a
 * fraction may differ, and {@code ...} alone on a line stands for any lines.
 */
class DocumentationIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What differs from run to run, and what stands for it. */
    private static final List<Map.Entry<String, String>> WILD = List.of(
            Map.entry("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>"),
            Map.entry("\\d{4}-\\d\\d-\\d\\d[T ][0-9:.]+Z?", "<time>"),
            Map.entry("\\w{3}, \\d\\d \\w{3} \\d{4} [0-9:]{8} GMT", "<time>"),
            Map.entry("\\b\\d{19}\\b", "<time>"),
            Map.entry("\\b\\d+\\.\\d{2,}\\b", "<figure>"),
            Map.entry("curl/[^\"]*", "curl"),
            Map.entry("\\bcaravan/(dev|\\d[\\w.-]*)", "caravan/<version>"));

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("pages")
    void whatThePageSaysIsWhatHappens(Path page) throws Exception {
        Path home = home();
        try (Caravan caravan = Caravan.start(Settings.from(settings(home)), Map.of());
                var shell = new Shell(home, Map.of("TMPDIR", folder.toString()))) {
            List<Block> blocks = Markdown.blocks(page);
            for (int i = 0; i < blocks.size(); i++) {
                Block block = blocks.get(i);
                if (block.marks().contains("run")) {
                    String command = here(block.text(), caravan);
                    String output = i + 1 < blocks.size()
                                    && blocks.get(i + 1).language().equals("text")
                            ? blocks.get(i + 1).text()
                            : null;
                    if (block.marks().contains("until")) {
                        await().atMost(PATIENCE).untilAsserted(() -> runs(shell, block, command, output));
                    } else {
                        runs(shell, block, command, output);
                    }
                }
            }
        }
    }

    static List<Path> pages() throws IOException {
        return Markdown.pages().stream()
                .filter(page -> {
                    try {
                        return Markdown.blocks(page).stream()
                                .anyMatch(block -> block.marks().contains("run"));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .sorted()
                .toList();
    }

    private static void runs(Shell shell, Block block, String command, String output) throws Exception {
        Shell.Result result = shell.run(command);

        assertThat(result.exit()).as("exit of %s: %s", block, result.output()).isZero();
        if (output != null) {
            assertThat(tame(result.output())).as("output of %s", block).matches(pattern(output));
        }
    }

    private static Pattern pattern(String expected) {
        return Pattern.compile(Arrays.stream(tame(expected).split("\n"))
                .map(line -> line.equals("...") ? "(.*\n)*?.*" : Pattern.quote(line))
                .collect(Collectors.joining("\n")));
    }

    private static String tame(String text) {
        String tamed = text.replace("\r", "").replaceAll("(?m)\\s+$", "");
        for (Map.Entry<String, String> wild : WILD) {
            tamed = tamed.replaceAll(wild.getKey(), wild.getValue());
        }
        return tamed;
    }

    private static String here(String command, Caravan caravan) {
        return command.replace("127.0.0.1:8080", "127.0.0.1:" + caravan.port())
                .replace("127.0.0.1:8082", "127.0.0.1:" + caravan.managementPort());
    }

    /** What a reader has after cloning, as far as a page may change it. */
    private Path home() throws IOException {
        Path home = Files.createDirectory(folder.resolve("caravan"));
        for (String part : List.of("routes", "functions")) {
            try (Stream<Path> files = Files.walk(Path.of(part))) {
                for (Path file : files.toList()) {
                    Files.copy(file, home.resolve(file.toString()));
                }
            }
        }
        launcher(home);
        return home;
    }

    /** As far as a page needs it, and already built. */
    private static void launcher(Path home) throws IOException {
        Path launcher = Files.writeString(
                home.resolve("caravan"),
                "#!/bin/sh\n[ \"$1\" = hash-password ] && exec '%s/bin/java' -cp '%s' dev.caravan.HashPassword\nexit 2\n"
                        .formatted(System.getProperty("java.home"), classPath()));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
    }

    /** Failsafe hides it in a jar's manifest, which java reads as well. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    private static Map<String, String> settings(Path home) {
        var settings = new HashMap<String, String>();
        settings.put("CARAVAN_PORT", "0");
        settings.put("CARAVAN_MANAGEMENT_PORT", "0");
        settings.put("CARAVAN_DATA", home.resolve("data").toString());
        settings.put("CARAVAN_ROUTES", home.resolve("routes").toString());
        settings.put("CARAVAN_STACK", home.resolve("functions/stack.yaml").toString());
        return settings;
    }
}
