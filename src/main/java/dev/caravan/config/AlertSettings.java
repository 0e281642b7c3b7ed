package dev.caravan.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * When and whom to tell that something is wrong.
 *
 * @param url where alerts are posted; empty when they are only shown
 * @param quiet how long nobody is told again of the same after having been told
 */
public record AlertSettings(List<AlertRule> rules, String url, Duration quiet) {

    static final Setting<List<AlertRule>> RULES = new Setting<>(
            "CARAVAN_ALERTS",
            "",
            "When something is wrong: `depth>1000` calls wait in a queue, `oldest>10m` since the oldest began to, `dead>20/10m` died, `failures>25%/10m` of a function's invocations failed; `depth@mail>50` is of one queue or function.",
            text -> Arrays.stream(text.split(","))
                    .map(String::strip)
                    .filter(rule -> !rule.isEmpty())
                    .map(AlertRule::parse)
                    .toList());
    static final Setting<String> URL = new Setting<>(
            "CARAVAN_ALERT_URL",
            "",
            "Where alerts are posted to, signed as callbacks are; unset, they are only shown.",
            AlertSettings::url);
    static final Setting<Duration> QUIET = Setting.duration(
            "CARAVAN_ALERT_QUIET", "15m", "How long nobody is told again of the same alert after having been told.");

    static final List<Setting<?>> ALL = List.of(RULES, URL, QUIET);

    static AlertSettings from(Map<String, String> environment) {
        return new AlertSettings(RULES.in(environment), URL.in(environment), QUIET.in(environment));
    }

    private static String url(String text) {
        if (text.isEmpty()) {
            return text;
        }
        try {
            var uri = new URI(text);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getUserInfo() == null) {
                return text;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("must be an http or https URL without user and password", e);
        }
        throw new IllegalArgumentException("must be an http or https URL without user and password");
    }
}
