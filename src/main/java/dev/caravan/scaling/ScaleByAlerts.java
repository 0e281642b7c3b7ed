package dev.caravan.scaling;

import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.ScaleLabels;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scales functions as alerts about them say (contract section 4.2): a step up for each one that fires, back to the
 * minimum once it is over.
 */
public final class ScaleByAlerts {

    private static final Logger LOG = LoggerFactory.getLogger(ScaleByAlerts.class);

    /** One alert about one function; what does not fire is over. */
    public record Alert(FunctionName function, boolean firing) {}

    private final FunctionProvider provider;

    public ScaleByAlerts(FunctionProvider provider) {
        this.provider = provider;
    }

    /**
     * Follows alerts in their order; may block on the provider. A function whose status cannot be had is passed over.
     *
     * @return one line for each function that could not be scaled
     */
    public List<String> follow(List<Alert> alerts) {
        var problems = new ArrayList<String>();
        for (Alert alert : alerts) {
            status(alert.function()).ifPresent(status -> {
                int wanted = replicas(status, alert.firing());
                if (wanted != status.replicas()) {
                    scale(alert.function(), wanted).ifPresent(problems::add);
                }
            });
        }
        return problems;
    }

    private static int replicas(FunctionStatus status, boolean firing) {
        ScaleLabels labels = ScaleLabels.of(status.deployment().labels());
        return replicas(labels, status.replicas(), firing);
    }

    /** How many replicas there should be of a function that has {@code current} of them. */
    static int replicas(ScaleLabels labels, int current, boolean firing) {
        if (labels.factor() == 0) {
            return current;
        }
        // In floating point on purpose: what it now and then rounds up too far is what existing set-ups are tuned to.
        int step = (int) Math.ceil(labels.max() / 100.0 * labels.factor());
        return firing ? Math.min(current + step, labels.max()) : labels.min();
    }

    private Optional<FunctionStatus> status(FunctionName function) {
        Optional<FunctionStatus> status = Optional.empty();
        try {
            status = provider.status(function);
        } catch (ProviderException e) {
            LOG.debug("status unknown function={} error={}", function, e.getMessage());
        }
        if (status.isEmpty()) {
            LOG.debug("alert about no known function passed over function={}", function);
        }
        return status;
    }

    private Optional<String> scale(FunctionName function, int replicas) {
        try {
            provider.scale(function, replicas);
            return Optional.empty();
        } catch (ProviderException e) {
            LOG.warn("alert not followed function={} replicas={} error={}", function, replicas, e.getMessage());
            return Optional.of("cannot scale \"" + function + "\" to " + replicas + ": " + e.getMessage());
        }
    }
}
