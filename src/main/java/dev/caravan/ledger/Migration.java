package dev.caravan.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One numbered step of the schema: a file that is never edited once released. */
record Migration(int version, String name, String sql) {

    /** All there are, in order; a jar cannot be listed, so a new file gets its line here. */
    private static final List<String> FILES = List.of(
            "V001__calls_and_dead_letters.sql",
            "V002__results_and_search.sql",
            "V003__idempotency_keys.sql",
            "V004__queue_state.sql",
            "V005__dead_letter_search.sql",
            "V006__jobs.sql",
            "V007__processes.sql",
            "V008__call_order.sql",
            "V009__workers.sql",
            "V010__canaries.sql",
            "V011__audit.sql",
            "V012__stages_and_reasons.sql",
            "V013__views_requests_and_search.sql",
            "V014__function_limit.sql");

    private static final Pattern NAME = Pattern.compile("V([0-9]{3})__[a-z0-9_]+\\.sql");

    static List<Migration> all() {
        return FILES.stream().map(Migration::read).toList();
    }

    private static Migration read(String file) {
        Matcher matcher = NAME.matcher(file);
        if (!matcher.matches()) {
            throw new IllegalStateException("not a migration's name: " + file);
        }
        try (InputStream in = Objects.requireNonNull(Migration.class.getResourceAsStream("/sql/" + file), file)) {
            return new Migration(
                    Integer.parseInt(matcher.group(1)), file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String checksum() {
        return HexFormat.of().formatHex(Fingerprint.sha256(sql.replace("\r\n", "\n")));
    }

    /** Its statements. Semicolons end statements only at the end of a line, comments stand on lines of their own. */
    List<String> statements() {
        String text = sql.replace("\r\n", "\n").replaceAll("(?m)^\\s*--.*\n?", "");
        return Pattern.compile(";[ \\t]*(?:\n|$)")
                .splitAsStream(text)
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }
}
