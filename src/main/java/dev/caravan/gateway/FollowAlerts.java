package dev.caravan.gateway;

import dev.caravan.function.FunctionName;
import dev.caravan.scaling.ScaleByAlerts;
import dev.caravan.scaling.ScaleByAlerts.Alert;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * {@code followAlerts}: reads what Alertmanager posts (its webhook, version 4) and scales the functions that the alerts
 * are about. Answers 200 and nothing, or 500 and a numbered line for each function that could not be scaled (contract
 * section 1.12). May block on the provider.
 *
 * @see <a href="https://prometheus.io/docs/alerting/latest/configuration/#webhook_config">Alertmanager's webhook</a>
 */
public final class FollowAlerts implements Processor {

    /** More than anybody reads; the log has them all. */
    private static final int MAX_LINES = 100;

    private final ScaleByAlerts scaling;
    private final String defaultNamespace;

    /** @param defaultNamespace where a function lives that an alert names without a namespace */
    public FollowAlerts(ScaleByAlerts scaling, String defaultNamespace) {
        this.scaling = scaling;
        this.defaultNamespace = defaultNamespace;
    }

    /** @throws dev.caravan.provider.ProviderException {@code INVALID} when the body is no alert message */
    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        List<String> problems = scaling.follow(alerts(JsonRequest.read(message.getBody(byte[].class))));

        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, problems.isEmpty() ? 200 : 500);
        message.setBody(null);
        if (!problems.isEmpty()) {
            message.setHeader(Exchange.CONTENT_TYPE, "text/plain; charset=utf-8");
            message.setHeader("X-Content-Type-Options", "nosniff");
            message.setBody(numbered(problems));
        }
    }

    private List<Alert> alerts(JsonRequest body) {
        var alerts = new ArrayList<Alert>();
        for (JsonRequest alert : body.objects("alerts")) {
            boolean firing = alert.optionalText("status").equals(Optional.of("firing"));
            alert.object("labels")
                    .flatMap(labels -> labels.optionalText("function_name"))
                    .flatMap(name -> FunctionName.parse(name, defaultNamespace))
                    .ifPresent(function -> alerts.add(new Alert(function, firing)));
        }
        return alerts;
    }

    private static String numbered(List<String> problems) {
        var text = new StringBuilder();
        for (int i = 0; i < Math.min(problems.size(), MAX_LINES); i++) {
            text.append(i + 1)
                    .append(". ")
                    .append(problems.get(i).replaceAll("\\R", " "))
                    .append('\n');
        }
        if (problems.size() > MAX_LINES) {
            text.append("and ").append(problems.size() - MAX_LINES).append(" more\n");
        }
        return text.toString();
    }
}
