package dev.caravan.config;

import java.util.List;
import java.util.Map;

/**
 * What not everybody sees of requests.
 *
 * @param rules {@code header.NAME} or {@code body.PATH}, with {@code *} for any part of a path
 * @param hiddenFrom the highest role that does not see it
 */
public record MaskSettings(List<String> rules, Who hiddenFrom) {

    /** Roles, as far as something is hidden from them and from those below. */
    public enum Who {
        VIEWER,
        OPERATOR,
        ADMIN
    }

    static final Setting<List<String>> RULES = new Setting<>(
            "CARAVAN_MASK",
            "",
            "What not everybody sees of requests: headers and JSON paths, e.g. `header.X-Iban,body.card.number,body.items.*.pin`.",
            text -> {
                List<String> rules = List.of(text.strip().split("\\s*,\\s*"));
                if (text.isBlank()) {
                    return List.of();
                }
                if (!rules.stream().allMatch(rule -> rule.matches("header\\.[^.\\s]+|body(\\.[^.\\s]+)+"))) {
                    throw new IllegalArgumentException("must be a list of header.NAME and body.PATH");
                }
                return rules;
            });
    static final Setting<Who> HIDDEN_FROM = Setting.choice(
            "CARAVAN_MASK_FROM",
            Who.OPERATOR,
            Who.class,
            "The highest role that does not see what `CARAVAN_MASK` says: `viewer`, `operator` or `admin`.");

    static final List<Setting<?>> ALL = List.of(RULES, HIDDEN_FROM);

    static MaskSettings from(Map<String, String> environment) {
        return new MaskSettings(RULES.in(environment), HIDDEN_FROM.in(environment));
    }
}
