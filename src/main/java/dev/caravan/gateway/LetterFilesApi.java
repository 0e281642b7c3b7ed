package dev.caravan.gateway;

import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.DeadLetters;
import dev.caravan.ledger.Ledger;
import dev.caravan.letters.LetterImport;
import dev.caravan.letters.LetterLine;
import dev.caravan.letters.LetterScript;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean {@code letterFiles} behind {@code /system/dead-letters/export} and {@code /import}: dead letters as NDJSON, out
 * and in again; and out as a table or as a script.
 */
public final class LetterFilesApi {

    private static final Logger LOG = LoggerFactory.getLogger(LetterFilesApi.class);

    private static final byte[] NOTHING = {};

    /** Each may have 64 KiB of body in the ledger. */
    private static final int BATCH = 50;

    private final Ledger ledger;
    private final LetterLine lines;
    private final LetterScript scripts;
    private final LetterImport imports;
    private final Masks masks;
    private final InstantSource clock;

    public LetterFilesApi(
            Ledger ledger,
            LetterLine lines,
            LetterScript scripts,
            LetterImport imports,
            Masks masks,
            InstantSource clock) {
        this.ledger = ledger;
        this.lines = lines;
        this.scripts = scripts;
        this.imports = imports;
        this.masks = masks;
        this.clock = clock;
    }

    /** What is written of the letters that are exported. */
    private record Format(String mediaType, String head, Function<DeadLetter, String> line) {}

    /** All that match, newest first, as fast as the client takes them. */
    public void export(Exchange exchange) {
        JsonAnswer.orProblem(exchange, () -> {
            QueryParameters query = QueryParameters.of(exchange);
            Masks.Sight sight = masks.of(exchange);
            DeadLetterFilter filter = LetterFilters.of(query, new SearchBox(clock.instant(), sight));
            Format format = format(query.text("format").orElse("ndjson"), sight);
            LOG.info("dead letters exported filter={}", LetterFilters.json(filter));
            exchange.getMessage().removeHeaders("*");
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, format.mediaType());
            exchange.getMessage().setHeader("X-Content-Type-Options", "nosniff");
            new PulledAnswer(new Export(ledger.letters(), filter, format)::next).to(exchange);
        });
    }

    private Format format(String name, Masks.Sight sight) {
        return switch (name) {
            case "ndjson" -> new Format("application/x-ndjson", "", letter -> masks.line(lines.write(letter), sight));
            case "csv" -> new Format(CsvLine.MEDIA_TYPE, LetterCsv.HEAD, LetterCsv::line);
            case "curl" -> {
                if (!sight.mayViewBodies()) {
                    throw new HttpFailure(403, "you do not see bodies, and a script that makes calls would need them");
                }
                if (!sight.seesBodies()) {
                    throw new HttpFailure(
                            403, "parts of bodies are masked from you, and a script that makes calls would need them");
                }
                yield new Format(
                        "text/x-shellscript; charset=utf-8",
                        LetterScript.head(),
                        letter -> scripts.write(letter, sight::sees));
            }
            default -> throw new HttpFailure(400, "format must be one of ndjson, csv, curl");
        };
    }

    /** 202 with how many were put back, and how many skipped. */
    public void imports(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            byte[] body = Answer.body(exchange.getMessage());
            try {
                LetterImport.Done done = imports.run(body == null ? NOTHING : body, Asking.functions(exchange));
                Audit.affected(exchange, done.imported());
                return new JsonAnswer(
                        202,
                        JsonAnswer.object().put("imported", done.imported()).put("skipped", done.skipped()));
            } catch (IllegalArgumentException e) {
                throw new HttpFailure(400, String.valueOf(e.getMessage()));
            }
        });
    }

    /** Where one export is; read by one thread after the other. */
    private final class Export {
        private final DeadLetters letters;
        private final DeadLetterFilter filter;
        private final Format format;
        private final Deque<DeadLetter> ahead = new ArrayDeque<>();
        private @Nullable DeadLetter last;
        private boolean begun;
        private boolean ended;

        Export(DeadLetters letters, DeadLetterFilter filter, Format format) {
            this.letters = letters;
            this.filter = filter;
            this.format = format;
        }

        /** A line at a time: a body may be large. */
        synchronized Optional<String> next() {
            if (!begun && !format.head().isEmpty()) {
                begun = true;
                return Optional.of(format.head());
            }
            if (ahead.isEmpty() && !ended) {
                ahead.addAll(letters.batch(filter, BATCH, last));
                ended = ahead.isEmpty();
            }
            DeadLetter letter = ahead.poll();
            if (letter == null) {
                return Optional.empty();
            }
            last = letter;
            return Optional.of(format.line().apply(letter));
        }
    }
}
