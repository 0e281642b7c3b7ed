package dev.caravan.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.cli.Param.Kind;
import dev.caravan.cli.Param.Place;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was typed behind a verb, as the request that it makes. */
final class Ask {

    /** Gives what is in a file that was named. */
    interface Files {
        byte[] read(String name) throws IOException;
    }

    private static final byte[] NOTHING = {};

    private final Verb verb;
    private final Files files;
    private final Map<String, String> path = new LinkedHashMap<>();
    private final Map<String, List<String>> query = new LinkedHashMap<>();
    private final ObjectNode body = JsonNodeFactory.instance.objectNode();
    private final List<String> here = new ArrayList<>();
    private byte @Nullable [] whole;
    private @Nullable String reason;

    private Ask(Verb verb, Files files) {
        this.verb = verb;
        this.files = files;
    }

    /**
     * @throws UsageException when it makes no sense
     * @throws IOException when a file cannot be read
     */
    static Ask of(Verb verb, List<String> words, Files files) throws IOException {
        var ask = new Ask(verb, files);
        ask.read(words);
        return ask;
    }

    private void read(List<String> words) throws IOException {
        var places = new ArrayList<>(verb.positional());
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.startsWith("--")) {
                Param option = verb.option(word)
                        .orElseThrow(() -> new UsageException(word + " is nothing that \"" + verb.noun() + " "
                                + verb.word() + "\" knows; usage: " + verb.usage()));
                if (option.kind() == Kind.FLAG) {
                    put(option, "true");
                } else if (i + 1 == words.size()) {
                    throw new UsageException(word + " needs a value: " + option.meaning());
                } else {
                    put(option, words.get(++i));
                }
            } else if (places.isEmpty()) {
                throw new UsageException("\"" + word + "\" is one word too many; usage: " + verb.usage());
            } else {
                Param place = places.get(0);
                put(place, word);
                if (place.kind() != Kind.WORDS) {
                    places.remove(0);
                }
            }
        }
        places.stream().filter(place -> place.kind() != Kind.WORDS).findFirst().ifPresent(place -> {
            throw new UsageException(place.name() + " is missing: " + place.meaning() + "; usage: " + verb.usage());
        });
        if (verb.params().stream().anyMatch(param -> param.place() == Place.FILTER) && !body.has("filter")) {
            body.putObject("filter");
        }
    }

    private void put(Param param, String value) throws IOException {
        switch (param.place()) {
            case PATH -> path.put(param.target(), value);
            case QUERY ->
                query.computeIfAbsent(param.target(), name -> new ArrayList<>()).add(checked(param, value));
            case FIELD -> field(body, param, value);
            case FILTER -> {
                ObjectNode filter = body.withObjectProperty("filter");
                filter.put(param.target(), (filter.path(param.target()).asText() + " " + value).strip());
            }
            case HEADERS -> header(value);
            case BODY -> whole = files.read(value);
            case REASON -> reason = value;
            case HERE -> here.add(param.name());
        }
    }

    private static String checked(Param param, String value) {
        if (param.kind() == Kind.NUMBER) {
            number(param, value);
        }
        return value;
    }

    private void field(ObjectNode json, Param param, String value) throws IOException {
        switch (param.kind()) {
            case NUMBER -> json.put(param.target(), number(param, value));
            case NUMBERS -> {
                var array = json.putArray(param.target());
                for (String each : value.split(",", -1)) {
                    array.add(number(param, each.strip()));
                }
            }
            case FLAG -> json.put(param.target(), true);
            case FILE -> json.put(param.target() + "Base64", files.read(value));
            case TEXT, PAIR, WORDS -> json.put(param.target(), value);
        }
    }

    private void header(String pair) {
        int equals = pair.indexOf('=');
        if (equals < 1) {
            throw new UsageException("--header is NAME=VALUE, not \"" + pair + "\"");
        }
        ObjectNode headers = body.withObjectProperty("headers");
        String name = pair.substring(0, equals);
        String value = pair.substring(equals + 1);
        if (value.isEmpty()) {
            headers.putNull(name);
        } else {
            headers.withArrayProperty(name).add(value);
        }
    }

    private static BigDecimal number(Param param, String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new UsageException(param.name() + " is a number, not \"" + text + "\"");
        }
    }

    /** Says one thing more. */
    void add(String name, String value) {
        query.put(name, List.of(value));
    }

    /** Whether an option of the command line's own was said. */
    boolean said(String option) {
        return here.contains(option);
    }

    /** Whether nothing was said that leaves anything out. */
    boolean isAboutAll() {
        return query.keySet().stream().allMatch(name -> name.equals("confirm"));
    }

    /** Path and query. */
    String target() {
        String target = verb.path();
        for (Map.Entry<String, String> part : path.entrySet()) {
            target = target.replace("{" + part.getKey() + "}", encoded(part.getValue()));
        }
        return target + query();
    }

    /** With its question mark; empty when nothing was said. */
    String query() {
        var text = new StringBuilder();
        query.forEach((name, values) -> text.append(text.isEmpty() ? "?" : "&")
                .append(name)
                .append('=')
                .append(encoded(String.join(" ", values))));
        return text.toString();
    }

    byte[] body() {
        if (whole != null) {
            return whole;
        }
        return body.isEmpty() ? NOTHING : body.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Nullable
    String reason() {
        return reason;
    }

    /** Percent-encoded, blanks too. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
