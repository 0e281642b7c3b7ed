package dev.caravan.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The bridge to Resque.
 *
 * @param url empty: there is no bridge
 * @param queues as Resque or goworker writes them
 * @param namespace what all keys begin with
 * @param concurrency how many jobs at once
 * @param functions the function of each class that is not called like it; {@code *} for all others
 * @param scheduler whether delayed jobs are moved to their queues when they are due
 */
public record ResqueSettings(
        Optional<String> url,
        String queues,
        String namespace,
        int concurrency,
        Map<String, String> functions,
        boolean scheduler) {

    static final Setting<Optional<String>> URL = new Setting<>(
            "CARAVAN_REDIS_URL",
            "",
            "Redis with Resque's queues: `redis://USER@HOST:6379/0`, `rediss://` with TLS, `redis+sentinel://HOST,HOST/MASTER/0`; the password may stand in the file `redis-password` in `CARAVAN_SECRETS`. No bridge when unset.",
            text -> Optional.of(text).filter(url -> !url.isEmpty()));
    static final Setting<String> QUEUES = Setting.text(
            "CARAVAN_RESQUE_QUEUES",
            "*",
            "Which of its queues are taken from: `high,low` in this order, `a=2,b=1` by weight, `*` and other globs, `!NAME` for none of that name.");
    static final Setting<String> NAMESPACE =
            Setting.text("CARAVAN_RESQUE_NAMESPACE", "resque:", "What all keys of Resque begin with.");
    static final Setting<Integer> CONCURRENCY = Setting.number(
            "CARAVAN_RESQUE_CONCURRENCY", 25, 1, 1_000, "How many of Resque's jobs this node takes at once.");
    static final Setting<Map<String, String>> FUNCTIONS = new Setting<>(
            "CARAVAN_RESQUE_FUNCTIONS",
            "",
            "Functions of classes that are not called like them, e.g. `Billing::Charge=charge,*=jobs`; `*` for every class without a function.",
            ResqueSettings::functions);

    static final Setting<Boolean> SCHEDULER = Setting.flag(
            "CARAVAN_RESQUE_SCHEDULER",
            false,
            "Whether this node puts Resque's delayed jobs on their queues when they are due, as resque-scheduler does; its schedules are not run.");

    static final List<Setting<?>> ALL = List.of(URL, QUEUES, NAMESPACE, CONCURRENCY, FUNCTIONS, SCHEDULER);

    public ResqueSettings {
        functions = Map.copyOf(functions);
    }

    static ResqueSettings from(Map<String, String> environment) {
        return new ResqueSettings(
                URL.in(environment),
                QUEUES.in(environment),
                NAMESPACE.in(environment),
                CONCURRENCY.in(environment),
                FUNCTIONS.in(environment),
                SCHEDULER.in(environment));
    }

    private static Map<String, String> functions(String text) {
        var functions = new LinkedHashMap<String, String>();
        for (String entry : text.split(",")) {
            if (entry.isBlank()) {
                continue;
            }
            int equals = entry.indexOf('=');
            String className = equals < 0 ? "" : entry.substring(0, equals).strip();
            String function = entry.substring(equals + 1).strip();
            if (className.isEmpty() || function.isEmpty()) {
                throw new IllegalArgumentException("must be CLASS=FUNCTION, separated by commas");
            }
            functions.put(className, function);
        }
        return functions;
    }
}
