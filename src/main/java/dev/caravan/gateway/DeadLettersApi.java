package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.CallId;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.DeadLetterPage;
import dev.caravan.ledger.DeathCounts;
import dev.caravan.ledger.Ledger;
import dev.caravan.letters.Edits;
import dev.caravan.letters.LetterBody;
import dev.caravan.letters.LetterReplay;
import dev.caravan.provider.FunctionProvider;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean {@code deadLetters} behind {@code /system/dead-letters}: searches, groups, shows, replays, moves, deletes and
 * restores what will not be tried again. Answers JSON; errors as {@code application/problem+json} (RFC 9457).
 */
public final class DeadLettersApi {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLettersApi.class);

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;
    private static final int MOST_STEPS = 120;

    private final Ledger ledger;
    private final LetterReplay replay;
    private final LetterBody bodies;
    private final ReplayEdits edits;
    private final Masks masks;
    private final InstantSource clock;

    /** @param defaultNamespace of functions whose name says none */
    public DeadLettersApi(
            Ledger ledger,
            LetterReplay replay,
            LetterBody bodies,
            FunctionProvider provider,
            String defaultNamespace,
            Masks masks,
            InstantSource clock) {
        this.ledger = ledger;
        this.replay = replay;
        this.bodies = bodies;
        this.edits = new ReplayEdits(provider, defaultNamespace);
        this.masks = masks;
        this.clock = clock;
    }

    /** {@code {items, next?, total}}, newest first. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            QueryParameters query = QueryParameters.of(exchange);
            DeadLetterPage page = page(
                    LetterFilters.of(query, box(exchange)),
                    limit(query),
                    query.text("cursor").orElse(null));
            ObjectNode json = JsonAnswer.object();
            ArrayNode items = json.putArray("items");
            page.items().forEach(letter -> items.add(LetterJson.summary(letter)));
            if (page.next() != null) {
                json.put("next", page.next());
            }
            return new JsonAnswer(200, json.put("total", page.total()));
        });
    }

    private DeadLetterPage page(DeadLetterFilter filter, int limit, @Nullable String cursor) {
        try {
            return ledger.deadLetters(filter, limit, cursor);
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, "cursor must be the \"next\" of a page of this list");
        }
    }

    private static int limit(QueryParameters query) {
        int limit = query.wholeNumber("limit", DEFAULT_LIMIT);
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new HttpFailure(400, "limit must be a number from 1 to " + MAX_LIMIT);
        }
        return limit;
    }

    /** An array of what died of the same, the largest groups first. */
    public void groups(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            ArrayNode groups = JsonAnswer.object().putArray("groups");
            ledger.letters()
                    .groups(LetterFilters.of(QueryParameters.of(exchange), box(exchange)), clock.instant())
                    .forEach(group -> groups.add(LetterJson.group(group)));
            return new JsonAnswer(200, groups);
        });
    }

    /** {@code {from?, stepSeconds, counts}}: when they died. */
    public void counts(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            DeathCounts deaths =
                    ledger.letters().deaths(LetterFilters.of(QueryParameters.of(exchange), box(exchange)), MOST_STEPS);
            ObjectNode json =
                    JsonAnswer.object().put("stepSeconds", deaths.step().toSeconds());
            if (!deaths.counts().isEmpty()) {
                json.put("from", deaths.from().toString());
            }
            ArrayNode counts = json.putArray("counts");
            deaths.counts().forEach(counts::add);
            return new JsonAnswer(200, json);
        });
    }

    /** One letter with its headers, body and history. */
    public void show(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            DeadLetter letter = letter(exchange);
            DeadLetterContent content = LetterBody.content(letter);
            return new JsonAnswer(
                    200,
                    LetterJson.whole(letter, content, replay.call(letter), bodies.of(content), masks.of(exchange)));
        });
    }

    /** Sends the call round again, edited or not, as its next generation: 202 with its id, which stays the same. */
    public void replay(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            DeadLetter letter = letter(exchange);
            Edits changes = edits.read(
                    Answer.body(exchange.getMessage()), LetterReplay.ofCallback(letter), Asking.functions(exchange));
            if (changes.any()) {
                requireBodies(exchange);
            }
            if (changes.function() != null) {
                Audit.subject(exchange, "to " + changes.function());
            }
            if (!replay.replay(letter, unmasked(changes, letter, masks.of(exchange)))) {
                throw gone(letter);
            }
            return new JsonAnswer(
                    202, JsonAnswer.object().put("callId", letter.callId().text()));
        });
    }

    /** Who edits a body has not seen what is masked in it, and does not mean to change that. */
    private Edits unmasked(Edits edits, DeadLetter letter, Masks.Sight sight) {
        byte[] body = edits.body();
        return body == null || sight.seesBodies()
                ? edits
                : new Edits(
                        sight.restored(body, bodies.of(LetterBody.content(letter))),
                        edits.headers(),
                        edits.function(),
                        edits.queue());
    }

    /** To change what a call is sent with, or to whom, is a way to see it. */
    private static void requireBodies(Exchange exchange) {
        if (!Asking.rights(exchange).bodies()) {
            throw new HttpFailure(403, "you do not see bodies, so you can only replay letters as they are");
        }
    }

    private SearchBox box(Exchange exchange) {
        return new SearchBox(clock.instant(), masks.of(exchange));
    }

    /** Lets the call be another function's: 202 with the letter, which stays dead. */
    public void move(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            DeadLetter letter = letter(exchange);
            if (LetterReplay.ofCallback(letter)) {
                throw new HttpFailure(400, "a callback goes to its URL: it cannot be moved to a function");
            }
            requireBodies(exchange);
            Edits target = edits.target(Answer.body(exchange.getMessage()), Asking.functions(exchange));
            Audit.subject(exchange, "to " + target.function());
            if (!replay.move(letter, target)) {
                throw gone(letter);
            }
            return new JsonAnswer(202, LetterJson.summary(letter(exchange)));
        });
    }

    /** Deletes a letter; its call stays dead. It can be restored for a while. */
    public void delete(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            DeadLetter letter = letter(exchange);
            ledger.letters().delete(letter.id(), clock.instant());
            LOG.info("dead letter deleted id={} function={}", letter.id(), letter.function());
            return new JsonAnswer(202, JsonAnswer.object().put("id", letter.id()));
        });
    }

    /** Deletes all that match: 202 with how many. All there are only when the request says how many that is. */
    public void deleteMany(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            QueryParameters query = QueryParameters.of(exchange);
            List<String> known = new ArrayList<>(LetterFilters.NAMES);
            known.add("confirm");
            query.only(known);
            DeadLetterFilter filter = LetterFilters.of(query, box(exchange));
            if (filter.equals(DeadLetterFilter.all(Asking.functions(exchange)))) {
                long count = ledger.letters().count(filter);
                if (query.wholeNumber("confirm", -1) != count) {
                    throw new HttpFailure(
                            400, "no filter means all of them: say confirm=" + count + " to delete them all");
                }
            }
            long deleted = ledger.letters().delete(filter, clock.instant());
            Audit.affected(exchange, deleted);
            LOG.info("dead letters deleted count={} filter={}", deleted, LetterFilters.json(filter));
            return new JsonAnswer(202, JsonAnswer.object().put("deleted", deleted));
        });
    }

    /** Undoes a delete: 202 with the letter. */
    public void restore(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            String id = id(exchange);
            DeadLetter restored = ledger.letters()
                    .deleted(id)
                    .filter(letter -> Asking.sees(exchange, letter.function()))
                    .flatMap(letter -> replay.restore(id))
                    .orElseThrow(() -> new HttpFailure(404, "no dead letter with that id is deleted, or no longer"));
            return new JsonAnswer(202, LetterJson.summary(restored));
        });
    }

    private DeadLetter letter(Exchange exchange) {
        String id = id(exchange);
        return ledger.deadLetter(id)
                .filter(letter -> Asking.sees(exchange, letter.function()))
                .orElseThrow(() -> noLetter(id, exchange));
    }

    private static String id(Exchange exchange) {
        Message request = exchange.getMessage();
        return request.getHeader("id", "", String.class);
    }

    /** 409 when there was one and its call has been sent round again, else 404. */
    private HttpFailure noLetter(String id, Exchange exchange) {
        int dot = id.lastIndexOf('.');
        boolean replayed = dot > 0
                && CallId.parse(id.substring(0, dot))
                        .flatMap(ledger::call)
                        .filter(call -> Asking.sees(exchange, call.function()))
                        .filter(call -> DeadLetter.idOf(call.callId(), call.generation() - 1)
                                .equals(id))
                        .isPresent();
        return replayed
                ? new HttpFailure(409, "the call was replayed already")
                : new HttpFailure(404, "there is no dead letter with that id");
    }

    private static HttpFailure gone(DeadLetter letter) {
        return new HttpFailure(
                409,
                "the letter is no longer in " + letter.physicalQueue()
                        + ": it was replayed already, or another client took it");
    }
}
