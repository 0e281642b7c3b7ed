package dev.caravan.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whether anything may be changed, and whom a proxy that people sign in to may speak for.
 *
 * @param readOnly whether all changes are refused but calls
 * @param proxies addresses or networks, {@code 10.0.0.0/8}, whose word counts; none: nobody's does
 * @param userHeader says who it is
 * @param groupsHeader says the groups of that user
 * @param groups which role a group has, as {@code operator} or {@code operator[shop-* -bodies]}; {@code *} for every user
 */
public record AccessSettings(
        boolean readOnly, List<String> proxies, String userHeader, String groupsHeader, Map<String, String> groups) {

    private static final String LABEL = "[a-z0-9*](?:[a-z0-9*-]*[a-z0-9*])?";
    private static final String SEEN = "(?:-bodies|" + LABEL + "(?:\\." + LABEL + ")?)";
    private static final Pattern GRANT =
            Pattern.compile("admin|(?:viewer|operator)(?:\\[\\s*" + SEEN + "(?:\\s+" + SEEN + ")*\\s*])?");

    static final Setting<Boolean> READ_ONLY = Setting.flag(
            "CARAVAN_READ_ONLY",
            false,
            "Refuse whatever would change something, from everybody, but calls and signing in.");
    static final Setting<List<String>> PROXIES = new Setting<>(
            "CARAVAN_AUTH_PROXIES",
            "",
            "Addresses or networks, e.g. `10.0.0.7,10.1.0.0/16`, of proxies that people have signed in to, and that say who they are.",
            text -> words(text).stream().peek(AccessSettings::requireNetwork).toList());
    static final Setting<String> USER_HEADER = header(
            "CARAVAN_AUTH_USER_HEADER", "X-Forwarded-User", "The header in which such a proxy says who the user is.");
    static final Setting<String> GROUPS_HEADER = header(
            "CARAVAN_AUTH_GROUPS_HEADER",
            "X-Forwarded-Groups",
            "The header in which it says the user's groups, with commas between them.");
    static final Setting<Map<String, String>> GROUPS = new Setting<>(
            "CARAVAN_AUTH_GROUPS",
            "",
            "Which role a group has, and what it sees, e.g. `platform=admin,on-call=operator,shop=operator[shop-* -bodies],*=viewer`; `*` is every user.",
            text -> words(text).stream()
                    .collect(
                            Collectors.toUnmodifiableMap(word -> part(word, 0), word -> part(word, 1), (one, other) -> {
                                throw new IllegalArgumentException("must say each group once");
                            })));

    static final List<Setting<?>> ALL = List.of(READ_ONLY, PROXIES, USER_HEADER, GROUPS_HEADER, GROUPS);

    static AccessSettings from(Map<String, String> environment) {
        return new AccessSettings(
                READ_ONLY.in(environment),
                PROXIES.in(environment),
                USER_HEADER.in(environment),
                GROUPS_HEADER.in(environment),
                GROUPS.in(environment));
    }

    private static Setting<String> header(String env, String defaultName, String meaning) {
        return new Setting<>(env, defaultName, meaning, text -> {
            if (!text.matches("[A-Za-z0-9-]{1,64}")) {
                throw new IllegalArgumentException("must be a header's name");
            }
            return text;
        });
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s*,\\s*"));
    }

    private static String part(String word, int index) {
        int equals = word.lastIndexOf('=');
        if (equals < 1 || !GRANT.matcher(word.substring(equals + 1)).matches()) {
            throw new IllegalArgumentException("must be GROUP=ROLE with the roles viewer, operator and admin; behind"
                    + " the first two may stand what they see, as [shop-* *.team-a -bodies]");
        }
        return index == 0 ? word.substring(0, equals) : word.substring(equals + 1);
    }

    private static void requireNetwork(String network) {
        String expected = "must be addresses or networks such as 10.0.0.7 or 10.1.0.0/16";
        // What begins like an address is never looked up as a name.
        if (!network.matches(
                "[0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/[0-9]{1,3})?")) {
            throw new IllegalArgumentException(expected);
        }
        int slash = network.indexOf('/');
        try {
            InetAddress address = InetAddress.getByName(slash < 0 ? network : network.substring(0, slash));
            if (slash >= 0 && Integer.parseInt(network.substring(slash + 1)) > address.getAddress().length * 8) {
                throw new IllegalArgumentException(expected);
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(expected, e);
        }
    }
}
