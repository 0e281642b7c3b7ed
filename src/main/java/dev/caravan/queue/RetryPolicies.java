package dev.caravan.queue;

import dev.caravan.function.FunctionName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Each function's retry policy, read from its annotations once for as long as they stay the same. */
public final class RetryPolicies implements Function<FunctionName, RetryPolicy> {

    private static final Logger LOG = LoggerFactory.getLogger(RetryPolicies.class);

    private record Read(Map<String, String> annotations, RetryPolicy policy) {}

    private final Function<FunctionName, Map<String, String>> annotations;
    private final Map<FunctionName, Read> policies = new ConcurrentHashMap<>();

    /** @param annotations of a function; empty when it is not deployed */
    public RetryPolicies(Function<FunctionName, Map<String, String>> annotations) {
        this.annotations = annotations;
    }

    @Override
    public RetryPolicy apply(FunctionName function) {
        Map<String, String> now = annotations.apply(function);
        return policies.compute(
                        function,
                        (name, before) -> before != null && before.annotations().equals(now)
                                ? before
                                : new Read(
                                        now,
                                        RetryPolicy.of(now, (annotation, value) -> warn(function, annotation, value))))
                .policy();
    }

    private static void warn(FunctionName function, String annotation, String value) {
        LOG.warn(
                "retry annotation ignored, its default applies function={} annotation={} value={}",
                function,
                annotation,
                value.substring(0, Math.min(80, value.length())));
    }
}
