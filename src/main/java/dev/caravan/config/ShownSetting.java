package dev.caravan.config;

import java.util.Map;

/**
 * A setting as somebody may see it.
 *
 * @param name the environment variable
 * @param value as it was written, without what may be a password in an address; empty when there is none
 * @param defaultValue what holds when it is not given; empty when that depends on others
 * @param given whether the environment says it
 * @param meaning one sentence
 */
public record ShownSetting(String name, String value, String defaultValue, boolean given, String meaning) {

    private static final String HIDDEN = "(hidden)";

    static ShownSetting of(Setting<?> setting, Map<String, String> environment) {
        String value =
                environment.getOrDefault(setting.env(), setting.defaultText()).strip();
        return new ShownSetting(
                setting.env(),
                setting == AlertSettings.URL ? withoutPath(value) : withoutSecrets(value),
                setting.defaultText(),
                environment.containsKey(setting.env()),
                setting.meaning());
    }

    /** Who knows the path of a webhook may post to it. */
    private static String withoutPath(String value) {
        return value.replaceFirst("(://[^/?]*)[/?].*", "$1/" + HIDDEN);
    }

    /** An address, or several in a list, has its passwords before an {@code @} or among the parameters. */
    private static String withoutSecrets(String value) {
        return value
                // Nobody can tell whether what stands before the question mark is a host or half of a password.
                .replaceAll("://[^,)?\\s]*\\?[^,)\\s]*@[^,)\\s]*", "://" + HIDDEN)
                .replaceAll("\\?[^,)\\s]*", "?" + HIDDEN)
                .replaceAll("://[^,)?\\s]*@", "://" + HIDDEN + "@");
    }
}
