package dev.caravan.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How functions are built from source.
 *
 * @param bases images in the place of those that templates build on, by language
 * @param limit how long a build may take on this machine itself
 */
public record BuildSettings(String templatesText, Map<String, String> bases, Duration limit) {

    static final Setting<String> TEMPLATES = Setting.text(
            "CARAVAN_TEMPLATES", "./functions/templates", "Folder with a template for each language of functions.");
    static final Setting<String> BASES = Setting.text(
            "CARAVAN_BUILD_BASES",
            "",
            "Images in the place of those that templates build on, by language, with commas: `python=mirror/python:3.12,watchdog=mirror/watchdog`.");
    static final Setting<Duration> LIMIT = Setting.duration(
            "CARAVAN_BUILD_TIMEOUT", "10m", "How long the build of a function may take where functions are processes.");

    static final List<Setting<?>> ALL = List.of(TEMPLATES, BASES, LIMIT);

    static BuildSettings from(Map<String, String> environment) {
        var bases = new LinkedHashMap<String, String>();
        for (String each : BASES.in(environment).split(",")) {
            int equals = each.indexOf('=');
            if (!each.isBlank() && (equals < 1 || equals == each.length() - 1)) {
                throw new SettingsException("CARAVAN_BUILD_BASES must be LANGUAGE=IMAGE,…, got: " + each.strip());
            }
            if (equals > 0) {
                bases.put(
                        each.substring(0, equals).strip(),
                        each.substring(equals + 1).strip());
            }
        }
        return new BuildSettings(TEMPLATES.in(environment), Map.copyOf(bases), LIMIT.in(environment));
    }

    /** The folder of the templates. */
    public Path templates() {
        return Path.of(templatesText).toAbsolutePath().normalize();
    }
}
