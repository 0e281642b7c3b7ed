package dev.caravan.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code ./caravan NOUN VERB …}: asks the API what the verb means and prints the answer, a table for people, the API's own
 * JSON with {@code --json}. Ends with 0; 1 when the server refused or did not answer, with its one line; 2 when what was
 * typed makes no sense.
 */
public final class CommandLine {

    private static final int REFUSED = 1;
    private static final int USAGE = 2;
    private static final String AS_JSON = "--json";
    private static final long FOLLOW_PAUSE_MILLIS = 1_000;
    private static final Set<String> WELL = Set.of("done");
    private static final Set<String> BADLY = Set.of("stopped", "cancelled");

    private final Map<String, String> environment;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;

    /** @param environment where the server stands and who asks */
    public CommandLine(Map<String, String> environment, InputStream in, PrintStream out, PrintStream err) {
        this.environment = Map.copyOf(environment);
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** @return the exit status */
    public int run(List<String> arguments) throws InterruptedException {
        try {
            return asked(arguments);
        } catch (UsageException e) {
            err.println("caravan: " + e.getMessage());
            return USAGE;
        } catch (IOException e) {
            err.println("caravan: " + e.getMessage());
            return REFUSED;
        } finally {
            out.flush();
        }
    }

    private int asked(List<String> arguments) throws IOException, InterruptedException {
        String noun = arguments.isEmpty() ? "help" : arguments.get(0);
        String word = arguments.size() < 2 ? "help" : arguments.get(1);
        List<String> rest = new ArrayList<>(arguments.subList(Math.min(2, arguments.size()), arguments.size()));
        if (noun.equals("help") || word.equals("help")) {
            return help(noun.equals("help") ? "" : noun);
        }
        Verb verb = Verbs.find(noun, word).orElseThrow(() -> unknown(noun, word));
        if (rest.contains("--help")) {
            describe(verb);
            return 0;
        }
        boolean json = rest.remove(AS_JSON);
        Ask ask = Ask.of(verb, rest, this::content);
        Server server = Server.of(environment);
        if (verb.word().equals(Verbs.FOLLOW)) {
            return follow(server, ask, json);
        }
        if (!verb.question().isEmpty() && !ask.said("--yes") && !confirmed(server, verb, ask)) {
            err.println("caravan: nothing was done");
            return REFUSED;
        }
        try (InputStream answer = server.send(verb.method(), ask.target(), ask.body(), ask.reason())
                .body()) {
            print(verb, json, answer);
        }
        return 0;
    }

    private static UsageException unknown(String noun, String word) {
        String known = Verbs.of(noun).map(Verb::word).collect(Collectors.joining(", "));
        return new UsageException(
                known.isEmpty()
                        ? "nothing is called \"" + noun + "\"; there are "
                                + Verbs.ALL.stream().map(Verb::noun).distinct().collect(Collectors.joining(", "))
                        : "\"" + noun + "\" knows no \"" + word + "\"; it knows " + known);
    }

    private byte[] content(String name) throws IOException {
        if (name.equals("-")) {
            return in.readAllBytes();
        }
        try {
            return Files.readAllBytes(Path.of(name));
        } catch (NoSuchFileException e) {
            throw new UsageException("there is no file " + name);
        }
    }

    /** Says how many there are, where that can be known, and waits for a yes. */
    private boolean confirmed(Server server, Verb verb, Ask ask) throws IOException, InterruptedException {
        String many = "";
        if (verb.operation().equals("deleteDeadLetters")) {
            String query = ask.query();
            JsonNode page = server.json(
                    "GET", verb.path() + query + (query.isEmpty() ? "?" : "&") + "limit=1", new byte[0], null);
            many = " " + page.path("total").asLong() + " match.";
            if (ask.isAboutAll()) {
                ask.add("confirm", page.path("total").asText());
            }
        }
        err.print(verb.question() + many + " yes or no: ");
        err.flush();
        String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
        return "yes".equals(line == null ? "" : line.strip());
    }

    private void print(Verb verb, boolean json, InputStream answer) throws IOException {
        Shape shape = verb.shape();
        if (shape.kind() == Shape.Kind.RAW || shape.kind() == Shape.Kind.LOG && json) {
            byte[] some = new byte[8 * 1024];
            for (int read = answer.read(some); read >= 0; read = answer.read(some)) {
                out.write(some, 0, read);
                out.flush();
            }
        } else if (shape.kind() == Shape.Kind.LOG) {
            var lines = new BufferedReader(new InputStreamReader(answer, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode one = Server.read(line.getBytes(StandardCharsets.UTF_8));
                out.println(one.path("timestamp").asText() + " "
                        + Printer.clean(one.path("instance").asText()) + " "
                        + Printer.clean(one.path("text").asText()));
            }
        } else {
            show(shape, json, answer.readAllBytes());
        }
    }

    private void show(Shape shape, boolean json, byte[] answer) throws IOException {
        JsonNode tree = Server.read(answer);
        if (json) {
            out.println(tree.toPrettyString());
        } else if (shape.kind() == Shape.Kind.TABLE) {
            new Printer(out).table(shape.columns(), shape.rows().isEmpty() ? tree : tree.path(shape.rows()));
            if (tree.has("total")) {
                err.println(tree.path("total").asText() + " in all");
            }
            if (tree.has("next")) {
                err.println("there are more: --cursor " + tree.path("next").asText());
            }
        } else {
            new Printer(out).record(tree);
        }
    }

    private int follow(Server server, Ask ask, boolean json) throws IOException, InterruptedException {
        String last = "";
        while (true) {
            JsonNode job = server.json("GET", ask.target(), ask.body(), null);
            String state = job.path("state").asText();
            String line = json
                    ? job.toString()
                    : state + ": " + job.path("replayed").asLong() + " of "
                            + job.path("matched").asLong() + " replayed, "
                            + job.path("succeeded").asLong() + " succeeded, "
                            + job.path("failed").asLong() + " failed, "
                            + job.path("inFlight").asLong() + " under way"
                            + (job.has("note")
                                    ? "; " + Printer.clean(job.path("note").asText())
                                    : "");
            if (!line.equals(last)) {
                out.println(line);
                last = line;
            }
            // What was replayed is judged a little later.
            boolean judged = job.path("inFlight").asLong() == 0;
            if (BADLY.contains(state) || WELL.contains(state) && judged) {
                return WELL.contains(state) ? 0 : REFUSED;
            }
            // A command that follows has nothing else to do, and Ctrl-C ends it here too.
            Thread.sleep(FOLLOW_PAUSE_MILLIS);
        }
    }

    /** @param noun empty for all */
    private int help(String noun) {
        List<Verb> verbs = Verbs.ALL.stream()
                .filter(verb -> noun.isEmpty() || verb.noun().equals(noun))
                .toList();
        if (verbs.isEmpty()) {
            throw unknown(noun, "help");
        }
        int width = verbs.stream()
                .mapToInt(verb -> verb.noun().length() + verb.word().length() + 1)
                .max()
                .orElse(0);
        for (Verb verb : verbs) {
            String name = verb.noun() + " " + verb.word();
            out.println("  " + name + " ".repeat(width - name.length() + 2) + verb.summary());
        }
        out.println("\nWith --help behind a verb: what it may be told. With --json: the API's answer.");
        return 0;
    }

    private void describe(Verb verb) {
        out.println("usage: ./caravan " + verb.usage());
        out.println("\n" + verb.summary());
        if (!verb.params().isEmpty()) {
            out.println();
        }
        int width = verb.params().stream()
                .mapToInt(param -> param.name().length())
                .max()
                .orElse(0);
        verb.params()
                .forEach(param -> out.println(
                        "  " + param.name() + " ".repeat(width - param.name().length() + 2) + param.meaning()));
    }
}
