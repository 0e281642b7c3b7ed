package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.config.PolicySettings;
import dev.caravan.config.Rate;
import dev.caravan.function.FunctionName;
import dev.caravan.ledger.FunctionLimits;
import dev.caravan.ledger.FunctionLimits.Told;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.queue.FunctionPolicies;
import dev.caravan.queue.Limits;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.camel.Exchange;

/**
 * The bean {@code functionLimits} behind {@code /system/function/NAME/limits}: how many of a function's queued calls run
 * at once and how often it is given one, whatever its annotations say. Its replicas stay as they are.
 */
public final class FunctionLimitsApi {

    private static final String NONE = "none";

    private final FunctionProvider provider;
    private final FunctionLimits told;
    private final FunctionPolicies policies;
    private final String defaultNamespace;

    /** @param policies say what holds, all things considered */
    public FunctionLimitsApi(
            FunctionProvider provider, FunctionLimits told, FunctionPolicies policies, String defaultNamespace) {
        this.provider = provider;
        this.told = told;
        this.policies = policies;
        this.defaultNamespace = defaultNamespace;
    }

    /** What holds, and what of that an operator said. */
    public void show(Exchange exchange) {
        JsonAnswer.to(exchange, () -> new JsonAnswer(200, json(function(exchange))));
    }

    /** {@code {"concurrency": "5", "rate": "10/s"}}: what is not there is left to the annotations again. */
    public void limit(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            FunctionName function = function(exchange);
            JsonRequest body = JsonRequest.read(exchange.getMessage().getBody(byte[].class));
            body.only(List.of("concurrency", "rate"));
            var wanted = new Told(
                    valid(body, "concurrency", PolicySettings::concurrency), valid(body, "rate", PolicySettings::rate));
            Told before = told.of(function);
            told.tell(function, wanted);
            Audit.subject(exchange, function.toString());
            Audit.changed(exchange, words(before), words(wanted));
            return new JsonAnswer(202, json(function));
        });
    }

    private static Optional<String> valid(JsonRequest body, String field, Consumer<String> reader) {
        Optional<String> text = body.optionalText(field);
        try {
            text.ifPresent(reader);
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, "field \"" + field + "\" " + e.getMessage());
        }
        return text;
    }

    private static String words(Told told) {
        return "at once: " + told.concurrency().orElse("as deployed") + ", rate: "
                + told.rate().orElse("as deployed");
    }

    private FunctionName function(Exchange exchange) {
        String name = exchange.getMessage().getHeader("name", "", String.class);
        String namespace = QueryParameters.of(exchange).text("namespace").orElse(defaultNamespace);
        return FunctionName.parse(name, namespace)
                .filter(function -> Asking.sees(exchange, function))
                .filter(function -> provider.status(function).isPresent())
                .orElseThrow(() -> new HttpFailure(404, "there is no function \"" + shortened(name) + "\""));
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private ObjectNode json(FunctionName function) {
        Limits limits = policies.apply(function).limits();
        Told said = told.of(function);
        ObjectNode json = JsonAnswer.object().put("function", function.name()).put("namespace", function.namespace());
        json.putObject("concurrency")
                .put("holds", limits.concurrency().map(String::valueOf).orElse(NONE))
                .put("told", said.concurrency().orElse(null));
        json.putObject("rate")
                .put("holds", limits.rate().map(Rate::text).orElse(NONE))
                .put("told", said.rate().orElse(null));
        return json;
    }
}
