package dev.caravan.watchdog;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a function inherits from us: where programs, home and temporary files are, and the language. Nothing else, since
 * our own environment may hold secrets.
 */
public final class BaseEnvironment {

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private BaseEnvironment() {}

    /** {@code PATH}, {@code HOME}, {@code LANG} and {@code TMPDIR}; a new map that the caller may change. */
    public static Map<String, String> inherited() {
        Map<String, String> ours = System.getenv();
        Map<String, String> base = new TreeMap<>();
        base.put("PATH", ours.getOrDefault("PATH", DEFAULT_PATH));
        base.put("HOME", ours.getOrDefault("HOME", System.getProperty("user.home", "/")));
        base.put("LANG", ours.getOrDefault("LANG", "C.UTF-8"));
        base.put("TMPDIR", ours.getOrDefault("TMPDIR", System.getProperty("java.io.tmpdir", "/tmp")));
        return base;
    }
}
