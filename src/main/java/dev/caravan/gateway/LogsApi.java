package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.caravan.function.FunctionName;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.FunctionProvider.LogLine;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.ProviderException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.concurrent.Flow;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code functionLogs}: what a function's replicas wrote, one JSON object per line, each sent as it is written (contract
 * section 1.9).
 *
 * <p>A wrong parameter is 400 here, not the 422 of a provider or the 500 that OpenFaaS's gateway makes of it: the caller
 * made the mistake, and one client reads them all.
 */
public final class LogsApi implements Processor {

    /** RFC 3339 section 5.6. A plus sign that was not encoded has become a space. */
    private static final Pattern TIMESTAMP =
            Pattern.compile("(\\d{4}-\\d{2}-\\d{2})[Tt](\\d{2}:\\d{2}:\\d{2})(?:\\.(\\d+))?([Zz]|[+ -]\\d{2}:\\d{2})");

    private static final int NANO_DIGITS = 9;

    private final FunctionProvider provider;
    private final String defaultNamespace;

    /** @param defaultNamespace where a function is looked for when the request names no namespace */
    public LogsApi(FunctionProvider provider, String defaultNamespace) {
        this.provider = provider;
        this.defaultNamespace = defaultNamespace;
    }

    @Override
    public void process(Exchange exchange) {
        QueryParameters parameters = QueryParameters.of(exchange);
        FunctionName function = function(parameters);
        if (!Asking.sees(exchange, function)) {
            throw new HttpFailure(404, "function \"" + function + "\" is not deployed"); // as providers say it
        }
        var query = new LogQuery(
                parameters.text("instance").orElse(""),
                parameters.text("since").map(LogsApi::instant).orElse(Instant.MIN),
                parameters.wholeNumber("tail", 0),
                parameters.flag("follow"));
        var answer = new LiveAnswer<>(logs(function, query), LogsApi::line, "\n");
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/x-ndjson");
        exchange.getMessage().setHeader("X-Content-Type-Options", "nosniff");
        answer.to(exchange);
    }

    private Flow.Publisher<LogLine> logs(FunctionName function, LogQuery query) {
        try {
            return provider.logs(function, query);
        } catch (ProviderException e) {
            throw new HttpFailure(e.code().status(), String.valueOf(e.getMessage()));
        }
    }

    private FunctionName function(QueryParameters parameters) {
        String name = parameters
                .text("name")
                .orElseThrow(() -> new HttpFailure(400, "query parameter \"name\" is missing: which function's logs?"));
        return FunctionName.parse(name, parameters.text("namespace").orElse(defaultNamespace))
                .orElseThrow(() -> QueryParameters.refused(
                        "name",
                        "must name a function (NAME or NAME.NAMESPACE, each a-z, 0-9, -; at most 63),"
                                + " and \"namespace\" likewise",
                        name));
    }

    private static Instant instant(String text) {
        Matcher parts = TIMESTAMP.matcher(text);
        if (parts.matches()) {
            String fraction = parts.group(3) == null ? "0" : parts.group(3);
            String zone = parts.group(4).replace(' ', '+');
            try {
                return OffsetDateTime.parse(parts.group(1) + "T" + parts.group(2) + "."
                                + fraction.substring(0, Math.min(fraction.length(), NANO_DIGITS)) + zone)
                        .toInstant();
            } catch (DateTimeException e) {
                // A 30th of February; refused as what has another form.
            }
        }
        throw QueryParameters.refused("since", "must be a time as of RFC 3339, e.g. 2026-01-31T12:00:00Z", text);
    }

    private static String line(LogLine line) {
        return JsonNodeFactory.instance
                        .objectNode()
                        .put("name", line.function().name())
                        .put("namespace", line.function().namespace())
                        .put("instance", line.instance())
                        .put("timestamp", line.timestamp().toString())
                        .put("text", line.text())
                + "\n";
    }
}
