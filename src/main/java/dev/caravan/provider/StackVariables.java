package dev.caravan.provider;

import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts variables into a stack file's text: <code>${NAME}</code> (empty when unset) and <code>${NAME:-default}</code>
 * (when unset or empty); a doubled dollar sign before the brace stands for itself. Text is replaced before YAML is read,
 * as {@code faas-cli} does (<a href="https://docs.openfaas.com/reference/yaml/">YAML reference</a>), so a variable may
 * hold any part of the file; anything else behind a dollar sign is left alone, scripts in {@code fprocess} need it.
 */
final class StackVariables {

    private static final Pattern VARIABLE =
            Pattern.compile("\\$\\$\\{|\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}\\r\\n]*))?}");

    private final Map<String, String> values;

    StackVariables(Map<String, String> values) {
        this.values = values;
    }

    String replacedIn(String text) {
        return VARIABLE.matcher(text).replaceAll(this::replacement);
    }

    private String replacement(MatchResult found) {
        String text;
        if (found.group(1) == null) {
            text = "${";
        } else {
            String value = values.getOrDefault(found.group(1), "");
            text = value.isEmpty() && found.group(2) != null ? found.group(2) : value;
        }
        return Matcher.quoteReplacement(text);
    }
}
