package dev.caravan.queue;

import dev.caravan.config.PolicySettings;
import dev.caravan.function.FunctionName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each function's policy, read from its annotations once for as long as they stay the same. A value that makes no sense
 * is said once in the log.
 */
public final class FunctionPolicies implements Function<FunctionName, FunctionPolicy> {

    private static final Logger LOG = LoggerFactory.getLogger(FunctionPolicies.class);

    private record Read(Map<String, String> annotations, FunctionPolicy policy) {}

    private final Function<FunctionName, Map<String, String>> annotations;
    private final PolicySettings defaults;
    private final ConcurrentMap<FunctionName, Read> policies = new ConcurrentHashMap<>();

    /** @param annotations of a function; empty when it is not deployed */
    public FunctionPolicies(Function<FunctionName, Map<String, String>> annotations, PolicySettings defaults) {
        this.annotations = annotations;
        this.defaults = defaults;
    }

    @Override
    public FunctionPolicy apply(FunctionName function) {
        Map<String, String> now = annotations.apply(function);
        Read known = policies.get(function);
        if (known != null && known.annotations().equals(now)) {
            return known.policy();
        }
        return policies.compute(
                        function,
                        (name, before) -> before != null && before.annotations().equals(now)
                                ? before
                                : new Read(
                                        now,
                                        FunctionPolicy.of(
                                                now,
                                                defaults,
                                                (annotation, value) -> warn(function, annotation, value))))
                .policy();
    }

    private static void warn(FunctionName function, String annotation, String value) {
        LOG.warn(
                "annotation ignored, its default applies function={} annotation={} value={}",
                function,
                annotation,
                value.substring(0, Math.min(80, value.length())).replaceAll("\\p{Cntrl}+", " "));
    }
}
