package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.alerts.Alert;
import dev.caravan.alerts.Alerts;
import dev.caravan.config.AlertRule;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
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
            alerts.settings().rules().stream()
                    .filter(rule -> rule.subject().isEmpty() || sees(exchange, rule, rule.subject()))
                    .forEach(rule -> rules.add(rule.text()));
            json.put("posted", !alerts.settings().url().isEmpty());
            ArrayNode firing = json.putArray("firing");
            alerts.firing().stream()
                    .filter(alert -> sees(exchange, alert.rule(), alert.subject()))
                    .forEach(alert -> firing.add(json(alert)));
            ArrayNode over = json.putArray("over");
            alerts.over().stream()
                    .filter(alert -> sees(exchange, alert.rule(), alert.subject()))
                    .forEach(alert -> over.add(json(alert)));
            return new JsonAnswer(200, json);
        });
    }

    /** What is said of a queue is said of all its functions. */
    private static boolean sees(Exchange exchange, AlertRule rule, String subject) {
        FunctionScope seen = Asking.functions(exchange);
        return seen.isAll()
                || rule.measure() == AlertRule.Measure.FAILURES
                        && FunctionName.parse(subject, "").filter(seen::has).isPresent();
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
