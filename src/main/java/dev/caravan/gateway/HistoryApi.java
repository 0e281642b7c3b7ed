package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
import dev.caravan.telemetry.History;
import dev.caravan.telemetry.History.Question;
import dev.caravan.telemetry.History.View;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
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
            String name = parameters.text("name").orElse("");
            View view = switch (of) {
                case "queues" ->
                    history.queues(new Question(hours, name, figures(parameters, History.figuresOfQueues())));
                case "functions" ->
                    history.functions(new Question(hours, name, figures(parameters, History.figuresOfFunctions())));
                default -> throw QueryParameters.refused("of", "must be queues or functions", of);
            };
            FunctionScope seen = Asking.functions(exchange);
            // A queue's figures are those of all its functions together.
            Predicate<String> there = of.equals("queues")
                    ? queue -> seen.isAll()
                    : function -> seen.isAll()
                            || FunctionName.parse(function, "")
                                    .filter(seen::has)
                                    .isPresent();
            return new JsonAnswer(200, json(view, there));
        });
    }

    /** Those that are asked for; none when nobody says which. */
    private static Set<String> figures(QueryParameters parameters, Set<String> known) {
        String text = parameters.text("figures").orElse("");
        if (text.isEmpty()) {
            return Set.of();
        }
        var wanted = new HashSet<>(Arrays.asList(text.split(",", known.size() + 1)));
        if (!known.containsAll(wanted)) {
            throw QueryParameters.refused("figures", "must be some of " + String.join(",", new TreeSet<>(known)), text);
        }
        return wanted;
    }

    /** @param there what may be shown */
    private static ObjectNode json(View view, Predicate<String> there) {
        ObjectNode json = JsonAnswer.object()
                .put("from", view.from().toString())
                .put("stepSeconds", view.step().toSeconds());
        ObjectNode series = json.putObject("series");
        view.series().forEach((thing, figures) -> {
            if (there.test(thing)) {
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
