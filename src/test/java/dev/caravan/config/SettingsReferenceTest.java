package dev.caravan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The page and the code say the same. After a change here, copy the expected table out of the failure into
 * {@code docs/reference/settings.md}.
 */
class SettingsReferenceTest {

    private static final Path PAGE = Path.of("docs/reference/settings.md");

    @Test
    void thePageListsEverySettingWithItsDefaultAndNothingElse() throws IOException {
        String expected = Settings.ALL.stream().map(SettingsReferenceTest::row).collect(Collectors.joining("\n"));

        String onThePage = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `CARAVAN_"))
                .collect(Collectors.joining("\n"));

        assertThat(onThePage).isEqualTo(expected);
    }

    private static String row(Setting<?> setting) {
        String standard = setting.defaultText().isEmpty() ? "" : "`" + setting.defaultText() + "`";
        return "| `" + setting.env() + "` | " + standard + " | " + setting.meaning() + " |";
    }
}
