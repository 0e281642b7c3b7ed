package dev.caravan.alerts;

import dev.caravan.config.AlertRule;
import java.util.Map;

/** What rules are held against. */
public interface Readings {

    /** What a rule measures now, by queue or function; what there is none of is missing. May block for a second. */
    Map<String, Double> of(AlertRule rule);
}
