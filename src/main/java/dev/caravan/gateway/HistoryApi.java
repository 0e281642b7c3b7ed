package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
import dev.caravan.telemetry.History;
import dev.caravan.telemetry.History.View;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** {@code history}: how queues or functions went during the last hours. */
public final class HistoryApi implements Processor {

    private final History history;

    public HistoryApi(History history) {
        this.history = history;
    }

    @Override
    public void process(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            QueryParameters parameters = QueryParameters.of(exchange);
            int hours = parameters.wholeNumber("hours", 1);
            if (hours < 1 || hours > History.HOURS) {
                throw QueryParameters.refused("hours", "must be from 1 to " + History.HOURS, Integer.toString(hours));
            }
            String of = parameters.text("of").orElse("queues");
            View view = switch (of) {
                case "queues" -> history.queues(hours);
                case "functions" -> history.functions(hours);
                default -> throw QueryParameters.refused("of", "must be queues or functions", of);
            };
            FunctionScope seen = Asking.functions(exchange);
            // A queue's figures are those of all its functions together.
            Predicate<String> there = of.equals("queues")
                    ? queue -> seen.isAll()
                    : name -> seen.isAll()
                            || FunctionName.parse(name, "").filter(seen::has).isPresent();
            return new JsonAnswer(200, json(view, parameters.text("name").orElse(""), there));
        });
    }

    /**
     * @param name of the only one that is wanted; empty for all
     * @param there what may be shown
     */
    private static ObjectNode json(View view, String name, Predicate<String> there) {
        ObjectNode json = JsonAnswer.object()
                .put("from", view.from().toString())
                .put("stepSeconds", view.step().toSeconds());
        ObjectNode series = json.putObject("series");
        view.series().forEach((thing, figures) -> {
            if (there.test(thing) && (name.isEmpty() || name.equals(thing))) {
                ObjectNode one = series.putObject(thing);
                figures.forEach((figure, numbers) -> add(one.putArray(figure), numbers));
            }
        });
        return json;
    }

    private static void add(ArrayNode array, int[] numbers) {
        for (int number : numbers) {
            if (number < 0) {
                array.addNull();
            } else {
                array.add(number);
            }
        }
    }
}
