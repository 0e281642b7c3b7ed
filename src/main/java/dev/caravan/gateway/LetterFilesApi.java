package dev.caravan.gateway;

import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.DeadLetters;
import dev.caravan.ledger.Ledger;
import dev.caravan.letters.LetterImport;
import dev.caravan.letters.LetterLine;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean {@code letterFiles} behind {@code /system/dead-letters/export} and {@code /import}: dead letters as NDJSON, out
 * and in again.
 */
public final class LetterFilesApi {

    private static final Logger LOG = LoggerFactory.getLogger(LetterFilesApi.class);

    private static final byte[] NOTHING = {};

    /** Each may have 64 KiB of body in the ledger. */
    private static final int BATCH = 50;

    private final Ledger ledger;
    private final LetterLine lines;
    private final LetterImport imports;
    private final Masks masks;
    private final InstantSource clock;

    public LetterFilesApi(Ledger ledger, LetterLine lines, LetterImport imports, Masks masks, InstantSource clock) {
        this.ledger = ledger;
        this.lines = lines;
        this.imports = imports;
        this.masks = masks;
        this.clock = clock;
    }

    /** All that match, newest first, as fast as the client takes them. */
    public void export(Exchange exchange) {
        DeadLetterFilter filter;
        try {
            filter = LetterFilters.of(QueryParameters.of(exchange), new SearchBox(clock.instant(), masks.of(exchange)));
        } catch (HttpFailure failure) {
            JsonAnswer.problem(exchange, failure);
            return;
        }
        LOG.info("dead letters exported filter={}", LetterFilters.json(filter));
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/x-ndjson");
        exchange.getMessage().setHeader("X-Content-Type-Options", "nosniff");
        new PulledAnswer(new Export(ledger.letters(), filter, masks.of(exchange))::next).to(exchange);
    }

    /** 202 with how many were put back, and how many skipped. */
    public void imports(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            byte[] body = Answer.body(exchange.getMessage());
            try {
                LetterImport.Done done = imports.run(body == null ? NOTHING : body);
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
        private final Masks.Sight sight;
        private final Deque<DeadLetter> ahead = new ArrayDeque<>();
        private @Nullable DeadLetter last;
        private boolean ended;

        Export(DeadLetters letters, DeadLetterFilter filter, Masks.Sight sight) {
            this.letters = letters;
            this.filter = filter;
            this.sight = sight;
        }

        /** A line at a time: a body may be large. */
        synchronized Optional<String> next() {
            if (ahead.isEmpty() && !ended) {
                ahead.addAll(letters.batch(filter, BATCH, last));
                ended = ahead.isEmpty();
            }
            DeadLetter letter = ahead.poll();
            if (letter == null) {
                return Optional.empty();
            }
            last = letter;
            return Optional.of(masks.line(lines.write(letter), sight));
        }
    }
}
