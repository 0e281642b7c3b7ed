package dev.caravan.letters;

import dev.caravan.function.Call;
import dev.caravan.function.CallState;
import dev.caravan.function.FunctionScope;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.ledger.Fingerprint;
import dev.caravan.ledger.Ledger;
import dev.caravan.letters.LetterLine.Parsed;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.DeadLetterQueues;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Replacement;
import dev.caravan.queue.SearchText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts exported letters back. All lines are read before anything is done, so a file with a wrong line changes nothing.
 * A letter that stands already, or whose call has gone on since, is skipped, so doing it twice does no harm.
 */
public final class LetterImport {

    private static final Logger LOG = LoggerFactory.getLogger(LetterImport.class);

    private static final byte[] NOTHING = {};
    private static final int TOGETHER = 100;

    private final Ledger ledger;
    private final DeadLetterQueues queues;
    private final BodyFiles bodyFiles;
    private final LetterLine lines;

    public LetterImport(Ledger ledger, DeadLetterQueues queues, BodyFiles bodyFiles, LetterLine lines) {
        this.ledger = ledger;
        this.queues = queues;
        this.bodyFiles = bodyFiles;
        this.lines = lines;
    }

    /** What became of the lines. */
    public record Done(int imported, int skipped) {}

    /**
     * @param among only letters of these functions may be put back
     * @throws IllegalArgumentException naming the first line that is wrong, and what about it; nothing is done then
     */
    public Done run(byte[] ndjson, FunctionScope among) {
        List<Parsed> letters = new ArrayList<>();
        int number = 0;
        for (String line : new String(ndjson, StandardCharsets.UTF_8).split("\r?\n", -1)) {
            number++;
            if (!line.isBlank()) {
                letters.add(read(line, number, among));
            }
        }
        int imported = 0;
        for (int from = 0; from < letters.size(); from += TOGETHER) {
            imported += put(letters.subList(from, Math.min(letters.size(), from + TOGETHER)), among);
        }
        LOG.info("dead letters imported count={} skipped={}", imported, letters.size() - imported);
        return new Done(imported, letters.size() - imported);
    }

    private Parsed read(String line, int number, FunctionScope among) {
        try {
            Parsed letter = lines.read(line);
            if (!among.has(letter.call().function())) {
                throw new IllegalArgumentException("it is of a function that is not there for you");
            }
            return letter;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
        }
    }

    private int put(List<Parsed> some, FunctionScope among) {
        List<Replacement> put = new ArrayList<>();
        List<DeadLetter> letters = new ArrayList<>();
        Set<String> ids = new TreeSet<>();
        for (Parsed each : some) {
            if (isWanted(each, among) && ids.add(each.id())) {
                ledger.letters().deleted(each.id()).ifPresent(this::letGo);
                String file = stored(each);
                DeadLetter letter = letter(each, file);
                letters.add(letter);
                put.add(message(each, letter, file));
            }
        }
        if (!put.isEmpty()) {
            queues.put(put);
            letters.forEach(ledger::bury);
        }
        return letters.size();
    }

    /** Where the body stands when it is too large for a message, or for the ledger. */
    private @Nullable String stored(Parsed each) {
        boolean large = bodyFiles.isLarge(each.body()) || each.body().length > DeadLetterContent.MAX_BODY;
        return large ? bodyFiles.write(each.call().id(), each.body()) : null;
    }

    /** One that was deleted and could still be restored gives way to what comes in. */
    private void letGo(DeadLetter deleted) {
        queues.remove(deleted.physicalQueue(), deleted.callId(), deleted.generation());
        ledger.remove(deleted.id());
        String file = LetterBody.content(deleted).bodyReference();
        if (file != null) {
            bodyFiles.delete(file);
        }
    }

    /** A call that has gone on would drop its replay as a duplicate; and one of another function is not touched. */
    private boolean isWanted(Parsed each, FunctionScope among) {
        return ledger.deadLetter(each.id()).isEmpty()
                && ledger.letters()
                        .deleted(each.id())
                        .map(deleted -> among.has(deleted.function()))
                        .orElse(true)
                && ledger.call(each.call().id())
                        .map(call -> among.has(call.function()) && isWanted(each, call))
                        .orElse(true);
    }

    private static boolean isWanted(Parsed each, CallStatus call) {
        return call.generation() < each.call().generation()
                || call.generation() == each.call().generation()
                        && (call.state() == CallState.DEAD
                                || each.call().queue().equals(QueueNames.CALLBACK_QUEUE));
    }

    private Replacement message(Parsed each, DeadLetter letter, @Nullable String file) {
        Map<String, Object> properties = CallProperties.of(each.call(), file);
        properties.putAll(CallProperties.ofDeadLetter(
                each.reason(), each.statusCode(), each.error(), letter.fingerprint(), each.deadAt()));
        return new Replacement(letter.physicalQueue(), properties, file == null ? each.body() : NOTHING);
    }

    private DeadLetter letter(Parsed each, @Nullable String file) {
        Call call = each.call();
        return new DeadLetter(
                each.id(),
                call.id(),
                call.generation(),
                call.queue(),
                QueueNames.deadLetters(call.queue(), call.function()),
                call.function(),
                each.reason(),
                each.statusCode(),
                each.error(),
                Fingerprint.of(call.function(), each.reason(), each.statusCode(), each.error()),
                each.attempts(),
                call.submittedAt(),
                each.deadAt(),
                each.body().length,
                contentType(call),
                call.generation() - 1,
                null,
                new DeadLetterContent(
                        CallProperties.json(call, file),
                        each.history(),
                        file == null ? ByteBuffer.wrap(each.body()) : null,
                        file,
                        SearchText.of(call, each.error(), each.body())));
    }

    private static @Nullable String contentType(Call call) {
        return call.headers().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("Content-Type"))
                .flatMap(header -> header.getValue().stream())
                .findFirst()
                .orElse(null);
    }
}
