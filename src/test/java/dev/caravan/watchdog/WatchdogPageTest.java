package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page names the variables that are read, and no other. */
class WatchdogPageTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Za-z_]+)` \\|");

    @Test
    void thePageHasEveryVariable() throws IOException {
        String page = Files.readString(Path.of("docs/reference/watchdog.md"));
        String variables = page.substring(page.indexOf("## Variables"), page.indexOf("## What a process is told"));
        Set<String> told = new TreeSet<>();
        Matcher row = ROW.matcher(variables);
        while (row.find()) {
            told.add(row.group(1));
        }

        assertThat(told).isEqualTo(read());
    }

    /** Asks for the settings of every mode and sees which variables are looked at. */
    private static Set<String> read() {
        Set<String> read = new TreeSet<>();
        for (Mode mode : Mode.values()) {
            Map<String, String> environment = new HashMap<>() {

                private static final long serialVersionUID = 1L;

                @Override
                public String getOrDefault(Object name, String otherwise) {
                    read.add(name.toString());
                    return super.getOrDefault(name, otherwise);
                }
            };
            environment.putAll(
                    Map.of("mode", mode.toString(), "fprocess", "cat", "upstream_url", "http://127.0.0.1:1"));
            WatchdogSettings.from(environment);
            LockFile.of(environment);
        }
        return read;
    }
}
