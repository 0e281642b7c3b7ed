package dev.caravan.gateway;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code stats}: a few numbers as lines of plain text, for scripts and for whatever reads a resque-web's {@code
 * /stats.txt}. Its form is that one's: {@code NAME=NUMBER}, and {@code NAME+=NUMBER} for what only grows.
 */
public final class StatsApi implements Processor {

    private final List<StatLines> parts;

    /** @param parts in the order in which they are written */
    public StatsApi(List<StatLines> parts) {
        this.parts = List.copyOf(parts);
    }

    @Override
    public void process(Exchange exchange) {
        JsonAnswer.orProblem(exchange, () -> {
            String text = parts.stream()
                    .flatMap(part -> part.of(Asking.functions(exchange)).stream())
                    .map(line -> line + "\n")
                    .collect(Collectors.joining());
            exchange.getMessage().removeHeaders("*");
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/plain; charset=utf-8");
            exchange.getMessage().setBody(text);
        });
    }
}
