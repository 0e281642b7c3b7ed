package dev.caravan.config;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Everything that can be set, one record per feature, read once from the environment. Holds no secrets. */
public record Settings(
        GatewaySettings gateway,
        DataSettings data,
        AuthSettings auth,
        RouteSettings routes,
        FunctionSettings functions,
        DockerSettings docker,
        BuildSettings build,
        BrokerSettings broker,
        DatabaseSettings database,
        AsyncSettings async,
        DeadLetterSettings deadLetters,
        CallbackSettings callbacks,
        BodySettings bodies,
        RetentionSettings retention,
        PolicySettings policies,
        ScalingSettings scaling,
        AlertSettings alerts,
        MaskSettings masks,
        AccessSettings access,
        ConsoleSettings console,
        ResqueSettings resque,
        LogSettings log) {

    private static final String PREFIX = "CARAVAN_";

    /** Every setting there is, in the order of the reference. */
    static final List<Setting<?>> ALL = Stream.of(
                    GatewaySettings.ALL,
                    DataSettings.ALL,
                    AuthSettings.ALL,
                    RouteSettings.ALL,
                    FunctionSettings.ALL,
                    DockerSettings.ALL,
                    BuildSettings.ALL,
                    BrokerSettings.ALL,
                    DatabaseSettings.ALL,
                    AsyncSettings.ALL,
                    DeadLetterSettings.ALL,
                    CallbackSettings.ALL,
                    BodySettings.ALL,
                    RetentionSettings.ALL,
                    PolicySettings.ALL,
                    ScalingSettings.ALL,
                    AlertSettings.ALL,
                    MaskSettings.ALL,
                    AccessSettings.ALL,
                    ConsoleSettings.ALL,
                    ResqueSettings.ALL,
                    LogSettings.ALL)
            .flatMap(List::stream)
            .toList();

    /**
     * Reads {@code CARAVAN_*} and ignores everything else.
     *
     * @throws SettingsException for an unknown key, naming the nearest, or a value out of bounds
     */
    public static Settings from(Map<String, String> environment) {
        environment.keySet().stream()
                .filter(key -> key.startsWith(PREFIX))
                .sorted()
                .forEach(Settings::requireKnown);
        GatewaySettings gateway = GatewaySettings.from(environment);
        DataSettings data = DataSettings.from(environment);
        return new Settings(
                gateway,
                data,
                AuthSettings.from(environment, gateway),
                RouteSettings.from(environment),
                FunctionSettings.from(environment),
                DockerSettings.from(environment),
                BuildSettings.from(environment),
                BrokerSettings.from(environment),
                DatabaseSettings.from(environment),
                AsyncSettings.from(environment),
                DeadLetterSettings.from(environment),
                CallbackSettings.from(environment),
                BodySettings.from(environment, data),
                RetentionSettings.from(environment),
                PolicySettings.from(environment),
                ScalingSettings.from(environment),
                AlertSettings.from(environment),
                MaskSettings.from(environment),
                AccessSettings.from(environment),
                ConsoleSettings.from(environment),
                ResqueSettings.from(environment),
                LogSettings.from(environment));
    }

    /** Every setting as it is read from this environment, in the order of the reference, fit to be shown. */
    public static List<ShownSetting> shown(Map<String, String> environment) {
        return ALL.stream()
                .map(setting -> ShownSetting.of(setting, environment))
                .toList();
    }

    /** What the command line is told in the same shell: nothing of it is this program's business. */
    public static final Set<String> OF_THE_COMMAND_LINE =
            Set.of("CARAVAN_URL", "CARAVAN_USER", "CARAVAN_PASSWORD_FILE");

    private static void requireKnown(String key) {
        if (OF_THE_COMMAND_LINE.contains(key)) {
            return;
        }
        if (ALL.stream().noneMatch(setting -> setting.env().equals(key))) {
            String nearest = ALL.stream()
                    .map(Setting::env)
                    .min(Comparator.comparingInt(env -> distance(env, key)))
                    .orElseThrow();
            throw new SettingsException("unknown setting " + key + "; did you mean " + nearest + "?");
        }
    }

    /** Levenshtein: how many letters must be added, removed or changed. */
    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], above[j]) + 1, above[j - 1] + change);
            }
            above = row;
        }
        return above[b.length()];
    }
}
