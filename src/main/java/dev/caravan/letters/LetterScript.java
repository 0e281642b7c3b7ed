package dev.caravan.letters;

import dev.caravan.function.Call;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.SearchText;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Dead letters as a shell script that makes their calls anew with curl, here or at another Caravan. Everything that a
 * caller wrote stands in single quotes, where a shell reads nothing into it. Keys that callers sent are not in it: a
 * variable stands in place of each, and the script ends when it needs one that is not set.
 */
public final class LetterScript {

    /** curl says these itself, and the length of the body may differ; or Caravan says them of each call anew. */
    private static final Pattern NOT_THE_CALLERS =
            Pattern.compile("(?i)content-length|expect|host|transfer-encoding|x-call-id|x-start-time|x-caravan-.*");

    private static final Pattern NO_VARIABLE = Pattern.compile("[^A-Z0-9]");

    /** A line of text for the terminal must not end a comment. */
    private static final Pattern NO_WORD = Pattern.compile("[^A-Za-z0-9._-]");

    private static final String HEAD = """
            #!/bin/sh
            # Makes the calls of dead letters anew, as new calls with ids of their own; the letters stay where they are.
            #   CARAVAN  where, http://127.0.0.1:8080 when not set
            #   LOGIN    user:password, for functions that ask for one
            # A key that a caller sent is not here: set the variable that a call names, AUTHORIZATION for example.
            set -eu
            : "${CARAVAN:=http://127.0.0.1:8080}"

            # call FUNCTION-AND-PATH [HEADER...] < BODY
            call() {
              target=$1
              shift
              for header do
                shift
                set -- "$@" --header "$header"
              done
              curl --silent --show-error --fail --globoff --path-as-is ${LOGIN:+--user "$LOGIN"} "$@" \\
                --data-binary @- --output /dev/null --write-out '%{http_code} ' "$CARAVAN/async-function/$target"
              printf '%s\\n' "$target"
            }
            """;

    private final CallMessages messages;
    private final LetterBody bodies;

    public LetterScript(CallMessages messages, LetterBody bodies) {
        this.messages = messages;
        this.bodies = bodies;
    }

    /** What comes before the first letter. */
    public static String head() {
        return HEAD;
    }

    /**
     * The command that makes its call; a callback has none.
     *
     * @param shown whether a header's value may stand in it; in place of the others stands a variable
     */
    public String write(DeadLetter letter, Predicate<String> shown) {
        String comment = "\n# " + NO_WORD.matcher(letter.id()).replaceAll("?") + " "
                + letter.reason().code() + " " + letter.statusCode() + "\n";
        if (LetterReplay.ofCallback(letter)) {
            return comment + "# A callback: replay the letter itself.\n";
        }
        DeadLetterContent content = LetterBody.content(letter);
        Call call = messages.restored(letter.callId(), letter.queue(), content.headers());
        byte[] body = bodies.of(content);
        var command = new StringBuilder(comment);
        if (body.length == 0 && letter.size() > 0) {
            command.append("# Its body is not known here.\n");
        }
        command.append(printed(body)).append(" | call ").append(quoted(target(call)));
        headers(call)
                .forEach((name, values) ->
                        values.forEach(value -> command.append(" \\\n  ").append(header(name, value, shown))));
        return command.append('\n').toString();
    }

    private static String target(Call call) {
        return call.function().qualified() + call.path() + (call.query() == null ? "" : "?" + call.query());
    }

    private static Map<String, List<String>> headers(Call call) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(call.headers());
        headers.keySet().removeIf(name -> NOT_THE_CALLERS.matcher(name).matches());
        // Without this curl says that the body is a form.
        headers.putIfAbsent("Content-Type", List.of(""));
        if (call.callbackUrl() != null) {
            headers.put("X-Callback-Url", List.of(call.callbackUrl()));
        }
        return headers;
    }

    private static String header(String name, String value, Predicate<String> shown) {
        if (!shown.test(name)) {
            return quoted(name + ": ") + "\"${" + variable(name) + ":?}\"";
        }
        // With nothing behind the colon curl takes its own header of that name away.
        return quoted(value.isEmpty() ? name + ":" : name + ": " + value);
    }

    private static String variable(String header) {
        return NO_VARIABLE.matcher(header.toUpperCase(Locale.ROOT)).replaceAll("_");
    }

    /** By a command that is part of every shell, which bounds no argument. */
    private static String printed(byte[] body) {
        return SearchText.text(body)
                .filter(text -> text.indexOf('\0') < 0)
                .map(text -> "printf %s " + quoted(text))
                .orElseGet(() -> "printf %s '" + Base64.getEncoder().encodeToString(body) + "' | base64 -d");
    }

    /** What a shell takes as it is (POSIX, Shell Command Language 2.2.2). */
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
