package dev.caravan;

import dev.caravan.function.FunctionName;
import dev.caravan.ledger.FunctionLimits;
import dev.caravan.ledger.FunctionLimits.Told;
import dev.caravan.provider.FunctionProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * A function's annotations with what operators said in the place of some of them, as policies are read: whatever heeds a
 * changed annotation thereby heeds operators as soon.
 */
final class LimitOrders implements Function<FunctionName, Map<String, String>> {

    private final FunctionProvider functions;
    private final FunctionLimits limits;

    LimitOrders(FunctionProvider functions, FunctionLimits limits) {
        this.functions = functions;
        this.limits = limits;
    }

    /** Empty when it is not deployed and nobody said anything. */
    @Override
    public Map<String, String> apply(FunctionName function) {
        Map<String, String> annotations = functions
                .status(function)
                .map(status -> status.deployment().annotations())
                .orElse(Map.of());
        Told told = limits.of(function);
        if (told.equals(Told.NOTHING)) {
            return annotations; // as it is for nearly every call
        }
        var all = new HashMap<>(annotations);
        told.concurrency().ifPresent(concurrency -> all.put("dev.caravan.concurrency", concurrency));
        told.rate().ifPresent(rate -> all.put("dev.caravan.rate", rate));
        return all;
    }
}
