package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.alerts.Alert;
import dev.caravan.alerts.Alerts;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/** {@code alerts}: what is wrong by the rules, and what was. */
public final class AlertsApi implements Processor {

    private final Alerts alerts;

    public AlertsApi(Alerts alerts) {
        this.alerts = alerts;
    }

    /** {@code {rules, posted, firing, over}}. */
    @Override
    public void process(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            ObjectNode json = JsonAnswer.object();
            ArrayNode rules = json.putArray("rules");
            alerts.settings().rules().forEach(rule -> rules.add(rule.text()));
            json.put("posted", !alerts.settings().url().isEmpty());
            ArrayNode firing = json.putArray("firing");
            alerts.firing().forEach(alert -> firing.add(json(alert)));
            ArrayNode over = json.putArray("over");
            alerts.over().forEach(alert -> over.add(json(alert)));
            return new JsonAnswer(200, json);
        });
    }

    private static ObjectNode json(Alert alert) {
        return JsonAnswer.object()
                .put("id", alert.id())
                .put("rule", alert.rule().text())
                .put("measure", alert.rule().measure().word())
                .put("subject", alert.subject())
                .put("value", alert.value())
                .put("threshold", alert.rule().threshold())
                .put("text", alert.line())
                .put("since", alert.since().toString())
                .put("endedAt", text(alert.endedAt()))
                .put("toldAt", text(alert.toldAt()))
                .put("problem", alert.problem());
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
