package dev.caravan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.config.AlertRule.Measure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    /** A value other than the default for every key there is; a new setting fails here until it has one. */
    private static final Map<String, String> EXPLICIT = new TreeMap<>(Map.ofEntries(
            Map.entry("CARAVAN_HOST", "0.0.0.0"),
            Map.entry("CARAVAN_PORT", "9080"),
            Map.entry("CARAVAN_MANAGEMENT_PORT", "0"),
            Map.entry("CARAVAN_MAX_BODY", "64KiB"),
            Map.entry("CARAVAN_CALL_TIMEOUT", "1m30s"),
            Map.entry("CARAVAN_DRAIN", "5"),
            Map.entry("CARAVAN_DATA", "/var/lib/caravan"),
            Map.entry("CARAVAN_SECRETS", "/run/secrets"),
            Map.entry("CARAVAN_AUTH", "basic"),
            Map.entry("CARAVAN_FUNCTION_AUTH", "basic"),
            Map.entry("CARAVAN_SESSION_IDLE", "20m"),
            Map.entry("CARAVAN_SESSION_TIME", "8h"),
            Map.entry("CARAVAN_ROUTES", "/etc/caravan/routes"),
            Map.entry("CARAVAN_ROLES", "gateway, worker"),
            Map.entry("CARAVAN_PROVIDER", "process"),
            Map.entry("CARAVAN_DOCKER_HOST", "tcp://engine:2376"),
            Map.entry("CARAVAN_DOCKER_PROJECT", "blue"),
            Map.entry("CARAVAN_DOCKER_ADDRESS", "published"),
            Map.entry("CARAVAN_TEMPLATES", "/etc/caravan/templates"),
            Map.entry("CARAVAN_BUILD_BASES", "python=mirror/python:3.12, watchdog=mirror/watchdog"),
            Map.entry("CARAVAN_BUILD_TIMEOUT", "90s"),
            Map.entry("CARAVAN_STACK", ""),
            Map.entry("CARAVAN_NAMESPACE", "prod"),
            Map.entry("CARAVAN_BROKER_URL", "failover:(tcp://a:61616,tcp://b:61616)"),
            Map.entry("CARAVAN_BROKER_LISTEN", "tcp://127.0.0.1:0,amqp://127.0.0.1:0"),
            Map.entry("CARAVAN_STORE_LIMIT", "2GiB"),
            Map.entry("CARAVAN_DATABASE_URL", "jdbc:postgresql://db/caravan"),
            Map.entry("CARAVAN_DATABASE_USER", "caravan"),
            Map.entry("CARAVAN_ASYNC_TIMEOUT", "10m"),
            Map.entry("CARAVAN_MAX_AGE", "1h"),
            Map.entry("CARAVAN_ACCEPT_UNKNOWN", "true"),
            Map.entry("CARAVAN_KEEP_DEAD_LETTERS", "720h"),
            Map.entry("CARAVAN_KEEP_DELETED_LETTERS", "1h"),
            Map.entry("CARAVAN_REPLAY_LIMIT", "3"),
            Map.entry("CARAVAN_CALLBACK_DENY_PRIVATE", "true"),
            Map.entry("CARAVAN_CALLBACK_ALLOW", "gateway:8080, hooks.internal"),
            Map.entry("CARAVAN_CHAIN_DEPTH", "5"),
            Map.entry("CARAVAN_BODIES", "/mnt/bodies"),
            Map.entry("CARAVAN_BODY_THRESHOLD", "1KiB"),
            Map.entry("CARAVAN_RESULT_LIMIT", "64KiB"),
            Map.entry("CARAVAN_REQUEST_LIMIT", "4KiB"),
            Map.entry("CARAVAN_KEEP_CALLS", "24h"),
            Map.entry("CARAVAN_KEEP_RESULTS", "1h"),
            Map.entry("CARAVAN_RESULTS_SIZE", "10MiB"),
            Map.entry("CARAVAN_KEEP_AUDIT", "48h"),
            Map.entry("CARAVAN_FUNCTION_CONCURRENCY", "3"),
            Map.entry("CARAVAN_FUNCTION_RATE", "600/m"),
            Map.entry("CARAVAN_FUNCTION_ADAPTIVE", "true"),
            Map.entry("CARAVAN_FUNCTION_BREAKER", "75%/8/10s"),
            Map.entry("CARAVAN_NODE", "node-1"),
            Map.entry("CARAVAN_RETRY_BUDGET", "none"),
            Map.entry("CARAVAN_MAX_WAITING", "5000"),
            Map.entry("CARAVAN_SCALE_FROM_ZERO", "false"),
            Map.entry("CARAVAN_SCALE_FROM_ZERO_WAIT", "20"),
            Map.entry("CARAVAN_ALERTS", "oldest@mail>1m30s, failures>25%/5m"),
            Map.entry("CARAVAN_ALERT_URL", "https://alerts.internal/hook"),
            Map.entry("CARAVAN_ALERT_QUIET", "1h"),
            Map.entry("CARAVAN_MASK", "header.X-Iban, body.card.number"),
            Map.entry("CARAVAN_MASK_FROM", "viewer"),
            Map.entry("CARAVAN_READ_ONLY", "true"),
            Map.entry("CARAVAN_AUTH_PROXIES", "10.0.0.7, fd00::/8"),
            Map.entry("CARAVAN_AUTH_USER_HEADER", "X-Auth-User"),
            Map.entry("CARAVAN_AUTH_GROUPS_HEADER", "X-Auth-Groups"),
            Map.entry("CARAVAN_AUTH_GROUPS", "ops=operator, *=viewer"),
            Map.entry("CARAVAN_ENVIRONMENT", "staging 2"),
            Map.entry("CARAVAN_ENVIRONMENT_COLOUR", "amber"),
            Map.entry("CARAVAN_REDIS_URL", "rediss://caravan@redis:6380/2"),
            Map.entry("CARAVAN_RESQUE_QUEUES", "high=2,low=1"),
            Map.entry("CARAVAN_RESQUE_NAMESPACE", "resque:app"),
            Map.entry("CARAVAN_RESQUE_CONCURRENCY", "4"),
            Map.entry("CARAVAN_RESQUE_FUNCTIONS", "Billing::Charge=charge, *=jobs"),
            Map.entry("CARAVAN_RESQUE_SCHEDULER", "true"),
            Map.entry("CARAVAN_LOG_FORMAT", "json"),
            Map.entry("CARAVAN_LOG_LEVEL", "warn")));

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(Settings.from(Map.of()))
                .isEqualTo(new Settings(
                        new GatewaySettings(
                                "127.0.0.1", 8080, 8082, 10 << 20, Duration.ofSeconds(60), Duration.ofSeconds(30)),
                        new DataSettings(absolute("data"), absolute("data/secrets")),
                        new AuthSettings(
                                AuthSettings.Mode.BASIC,
                                AuthSettings.Mode.NONE,
                                Duration.ofHours(1),
                                Duration.ofHours(12)),
                        new RouteSettings(
                                absolute("routes"),
                                List.of("gateway", "worker", "outcome", "scaling", "bridge", "triggers"),
                                Optional.empty()),
                        new FunctionSettings(
                                FunctionSettings.Provider.PROCESS, "./functions/stack.yaml", "openfaas-fn"),
                        new DockerSettings("", "caravan", DockerSettings.Address.AUTO),
                        new BuildSettings("./functions/templates", Map.of(), Duration.ofMinutes(10)),
                        new BrokerSettings("", List.of(), 10L << 30),
                        new DatabaseSettings("", ""),
                        new AsyncSettings(Duration.ofMinutes(5), Duration.ofHours(24), false),
                        new DeadLetterSettings(Duration.ZERO, Duration.ofHours(24), 10),
                        new CallbackSettings(false, List.of(), 16),
                        new BodySettings(absolute("data/bodies"), 64 << 10),
                        new RetentionSettings(
                                1 << 20, 0, Duration.ofHours(168), Duration.ofHours(24), 1L << 30, Duration.ofDays(90)),
                        new PolicySettings(
                                Optional.empty(), Optional.empty(), false, Optional.empty(), Optional.of(20), 0),
                        new ScalingSettings(true, Duration.ofSeconds(100)),
                        new AlertSettings(List.of(), "", Duration.ofMinutes(15)),
                        new MaskSettings(List.of(), MaskSettings.Who.OPERATOR),
                        new AccessSettings(false, List.of(), "X-Forwarded-User", "X-Forwarded-Groups", Map.of()),
                        new ConsoleSettings("", ConsoleSettings.Colour.GREY),
                        new ResqueSettings(Optional.empty(), "*", "resque:", 25, Map.of(), false),
                        new LogSettings(LogSettings.Format.CONSOLE, LogSettings.Level.INFO)));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(Settings.from(EXPLICIT))
                .isEqualTo(new Settings(
                        new GatewaySettings(
                                "0.0.0.0", 9080, 0, 64 << 10, Duration.ofSeconds(90), Duration.ofSeconds(5)),
                        new DataSettings(Path.of("/var/lib/caravan"), Path.of("/run/secrets")),
                        new AuthSettings(
                                AuthSettings.Mode.BASIC,
                                AuthSettings.Mode.BASIC,
                                Duration.ofMinutes(20),
                                Duration.ofHours(8)),
                        new RouteSettings(
                                Path.of("/etc/caravan/routes"), List.of("gateway", "worker"), Optional.of("node-1")),
                        new FunctionSettings(FunctionSettings.Provider.PROCESS, "", "prod"),
                        new DockerSettings("tcp://engine:2376", "blue", DockerSettings.Address.PUBLISHED),
                        new BuildSettings(
                                "/etc/caravan/templates",
                                Map.of("python", "mirror/python:3.12", "watchdog", "mirror/watchdog"),
                                Duration.ofSeconds(90)),
                        new BrokerSettings(
                                "failover:(tcp://a:61616,tcp://b:61616)",
                                List.of("tcp://127.0.0.1:0", "amqp://127.0.0.1:0"),
                                2L << 30),
                        new DatabaseSettings("jdbc:postgresql://db/caravan", "caravan"),
                        new AsyncSettings(Duration.ofMinutes(10), Duration.ofHours(1), true),
                        new DeadLetterSettings(Duration.ofDays(30), Duration.ofHours(1), 3),
                        new CallbackSettings(true, List.of("gateway:8080", "hooks.internal"), 5),
                        new BodySettings(Path.of("/mnt/bodies"), 1 << 10),
                        new RetentionSettings(
                                64 << 10,
                                4 << 10,
                                Duration.ofHours(24),
                                Duration.ofHours(1),
                                10 << 20,
                                Duration.ofHours(48)),
                        new PolicySettings(
                                Optional.of(3),
                                Optional.of(new Rate(600, Duration.ofMinutes(1))),
                                true,
                                Optional.of(new BreakerRule(75, 8, Duration.ofSeconds(10))),
                                Optional.empty(),
                                5_000),
                        new ScalingSettings(false, Duration.ofSeconds(20)),
                        new AlertSettings(
                                List.of(
                                        new AlertRule(
                                                Measure.OLDEST,
                                                "mail",
                                                90,
                                                Duration.ofMinutes(10),
                                                "oldest@mail>1m30s"),
                                        new AlertRule(
                                                Measure.FAILURES, "", 25, Duration.ofMinutes(5), "failures>25%/5m")),
                                "https://alerts.internal/hook",
                                Duration.ofHours(1)),
                        new MaskSettings(List.of("header.X-Iban", "body.card.number"), MaskSettings.Who.VIEWER),
                        new AccessSettings(
                                true,
                                List.of("10.0.0.7", "fd00::/8"),
                                "X-Auth-User",
                                "X-Auth-Groups",
                                Map.of("ops", "operator", "*", "viewer")),
                        new ConsoleSettings("staging 2", ConsoleSettings.Colour.AMBER),
                        new ResqueSettings(
                                Optional.of("rediss://caravan@redis:6380/2"),
                                "high=2,low=1",
                                "resque:app",
                                4,
                                Map.of("Billing::Charge", "charge", "*", "jobs"),
                                true),
                        new LogSettings(LogSettings.Format.JSON, LogSettings.Level.WARN)));
        assertThat(EXPLICIT.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Settings.ALL.stream().map(Setting::env).toList());
    }

    @Test
    void secretsStandInTheDataFolderUnlessSaidOtherwise() {
        assertThat(Settings.from(Map.of("CARAVAN_DATA", "/srv/c")).data().secrets())
                .isEqualTo(Path.of("/srv/c/secrets"));
    }

    @Test
    void anEmptyStackDeploysNothing() {
        assertThat(Settings.from(EXPLICIT).functions().stack()).isEmpty();
        assertThat(Settings.from(Map.of()).functions().stack()).contains(absolute("functions/stack.yaml"));
    }

    @Test
    void theBrokerIsEmbeddedUnlessThereIsAUrl() {
        assertThat(Settings.from(Map.of()).broker().embedded()).isTrue();
        assertThat(Settings.from(EXPLICIT).broker().embedded()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:mysql://db/caravan?password=a-secret, CARAVAN_DATABASE_URL must begin with jdbc:postgresql:",
        "db.internal, CARAVAN_DATABASE_URL must begin with jdbc:postgresql:",
        "jdbc:postgresql://me:a-secret@db/caravan, CARAVAN_DATABASE_URL must not name a user before the host"
    })
    void anotherDatabaseIsRefusedWithoutRepeatingItsAddress(String url, String start) {
        assertThatThrownBy(() -> Settings.from(Map.of("CARAVAN_DATABASE_URL", url)))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(start)
                .hasMessageNotContaining("a-secret");
    }

    @Test
    void theDatabaseIsEmbeddedUnlessThereIsAUrlAndNeverPrintedInFull() {
        assertThat(Settings.from(Map.of()).database().embedded()).isTrue();
        Settings settings = Settings.from(Map.of("CARAVAN_DATABASE_URL", "jdbc:postgresql://db/c?password=a-secret"));
        assertThat(settings.database().embedded()).isFalse();
        assertThat(settings.toString()).contains("jdbc:postgresql://db/c").doesNotContain("a-secret");
    }

    @ParameterizedTest
    @CsvSource({"CARAVAN_PROT, CARAVAN_PORT", "CARAVAN_MAXBODY, CARAVAN_MAX_BODY", "CARAVAN_LOGLEVEL, CARAVAN_LOG_LEVEL"
    })
    void anUnknownKeyStopsTheStartAndNamesTheNearest(String unknown, String nearest) {
        assertThatThrownBy(() -> Settings.from(Map.of(unknown, "x")))
                .isInstanceOf(SettingsException.class)
                .hasMessage("unknown setting " + unknown + "; did you mean " + nearest + "?");
    }

    @Test
    void whatIsNotOursIsIgnored() {
        assertThat(Settings.from(Map.of("PATH", "/bin", "caravan_port", "1", "OTHER_CARAVAN_PORT", "1")))
                .isEqualTo(Settings.from(Map.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CARAVAN_PORT           | 65536  | must be a number from 0 to 65535",
                "CARAVAN_PORT           | -1     | must be a number from 0 to 65535",
                "CARAVAN_PORT           | ''     | must be a number from 0 to 65535",
                "CARAVAN_MAX_BODY       | 10MB   | must be a size such as 512KiB, 10MiB or 2GiB",
                "CARAVAN_CALL_TIMEOUT   | 0      | must be longer than nothing",
                "CARAVAN_CALL_TIMEOUT   | soon   | must be a duration such as 90, 1m30s or 250ms",
                "CARAVAN_AUTH           | digest | must be one of basic, none",
                "CARAVAN_LOG_LEVEL      | INFO   | must be one of debug, info, warn, error",
                "CARAVAN_ACCEPT_UNKNOWN | yes    | must be true or false",
                "CARAVAN_FUNCTION_CONCURRENCY | 0 | must be none or a number from 1 to 9999",
                "CARAVAN_FUNCTION_RATE  | 10     | must be a rate such as 10/s, 600/m or 5000/h",
                "CARAVAN_FUNCTION_RATE  | 0/s    | must be a rate such as 10/s, 600/m or 5000/h",
                "CARAVAN_FUNCTION_BREAKER | 101%/20/30s | must be failures, calls looked at and pause, such as 50%/20/30s (1-100 %, 1-10000, up to 1h)",
                "CARAVAN_FUNCTION_BREAKER | 50%/20/2h | must be failures, calls looked at and pause, such as 50%/20/30s (1-100 %, 1-10000, up to 1h)",
                "CARAVAN_RETRY_BUDGET   | 0.2    | must be none or a share from 0% to 1000%",
                "CARAVAN_NODE           | node 1 | must be at most 64 letters, digits, dots, dashes and underscores",
                "CARAVAN_MAX_WAITING    | none   | must be a number from 0 to 999999999",
                "CARAVAN_ROLES          | cook   | must be among gateway, worker, outcome, scaling, bridge, triggers"
            })
    void aValueOutOfBoundsIsNamedWithWhatWasExpected(String key, String value, String expected) {
        assertThatThrownBy(() -> Settings.from(Map.of(key, value)))
                .isInstanceOf(SettingsException.class)
                .hasMessage(key + " " + expected + ", got: \"" + value + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "192.168.1.7",
                "::",
                "::ffff:192.168.1.7",
                "fe80::1",
                "caravan.example",
                "127.0.0.1.example",
                "localhost.example",
                "127.0.0.256",
                "127.1",
                "0",
                ""
            })
    void noAuthenticationIsRefusedWhereOthersCanReachIt(String host) {
        assertThatThrownBy(() -> Settings.from(Map.of("CARAVAN_AUTH", "none", "CARAVAN_HOST", host)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("CARAVAN_AUTH=none is refused")
                .hasMessageContaining("CARAVAN_HOST=" + host);
    }

    @Test
    void functionsAskNobodyWhereNobodyIsAsked() {
        assertThatThrownBy(() -> Settings.from(Map.of("CARAVAN_AUTH", "none", "CARAVAN_FUNCTION_AUTH", "basic")))
                .isInstanceOf(SettingsException.class)
                .hasMessage("CARAVAN_FUNCTION_AUTH=basic needs CARAVAN_AUTH=basic, which is none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.8.8", "127.255.0.10", "::1", "localhost"})
    void noAuthenticationIsAllowedOnLoopback(String host) {
        assertThat(Settings.from(Map.of("CARAVAN_AUTH", "none", "CARAVAN_HOST", host))
                        .auth()
                        .mode())
                .isEqualTo(AuthSettings.Mode.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "90, PT1M30S",
        "0, PT0S",
        "1h30m, PT1H30M",
        "1m30s, PT1M30S",
        "250ms, PT0.25S",
        "1.5h, PT1H30M",
        "10us, PT0.00001S",
        "10µs, PT0.00001S",
        "7ns, PT0.000000007S"
    })
    void durationsAreGoSyntaxOrBareSeconds(String text, Duration expected) {
        assertThat(Durations.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "s", "-5s", "5 s", "5d", "1h-3m", "1.s", ".5s", "1e3s", "5S", "9999999999h"})
    void otherTextIsNoDuration(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be a duration");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "512, 512", "512B, 512", "64KiB, 65536", "10MiB, 10485760", "2GiB, 2147483648"})
    void sizesAreBytesOrBinaryUnits(String text, long expected) {
        assertThat(Sizes.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10MB", "10 MiB", "-1", "1.5GiB", "MiB", "10mib", "9999999999"})
    void otherTextIsNoSize(String text) {
        assertThatThrownBy(() -> Sizes.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be a size");
    }

    private static Path absolute(String path) {
        return Path.of(path).toAbsolutePath();
    }

    @Test
    void aSettingIsShownWithWhereItComesFrom() {
        Map<String, ShownSetting> shown = shown(Map.of("CARAVAN_PORT", "9080", "OTHER", "x"));

        assertThat(shown.get("CARAVAN_PORT"))
                .isEqualTo(new ShownSetting("CARAVAN_PORT", "9080", "8080", true, GatewaySettings.PORT.meaning()));
        assertThat(shown.get("CARAVAN_DRAIN"))
                .returns(false, ShownSetting::given)
                .returns("30s", ShownSetting::value);
        assertThat(shown.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Settings.ALL.stream().map(Setting::env).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            jdbc:postgresql://db/caravan?user=u&password=s3cret   | jdbc:postgresql://db/caravan?(hidden)
            jdbc:postgresql:caravan?password=s3cret               | jdbc:postgresql:caravan?(hidden)
            failover:(tcp://u:s3cret@a:1,tcp://u:s3/cr@t@b:2)?x=y | failover:(tcp://(hidden)@a:1,tcp://(hidden)@b:2)?(hidden)
            failover:(tcp://a:1?jms.password=s3cret,tcp://b:2)    | failover:(tcp://a:1?(hidden),tcp://b:2)
            tcp://u:s3?cret@a:1                                   | tcp://(hidden)
            tcp://a:1?jms.password=s3@cret                        | tcp://(hidden)
            tcp://a:61616                                         | tcp://a:61616
            """)
    void whatMayBeAPasswordInAnAddressIsNotShown(String given, String shown) {
        assertThat(shown(Map.of("CARAVAN_BROKER_URL", given)))
                .extractingByKey("CARAVAN_BROKER_URL")
                .returns(shown, ShownSetting::value);
    }

    private static Map<String, ShownSetting> shown(Map<String, String> environment) {
        return Settings.shown(environment).stream().collect(Collectors.toMap(ShownSetting::name, Function.identity()));
    }
}
