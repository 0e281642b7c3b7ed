package dev.caravan;

import dev.caravan.config.DeadLetterSettings;
import dev.caravan.config.Settings;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.gateway.DeadLettersApi;
import dev.caravan.gateway.LetterFilesApi;
import dev.caravan.gateway.Masks;
import dev.caravan.gateway.ReplayJobsApi;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.Ledger;
import dev.caravan.letters.Edits;
import dev.caravan.letters.LetterBody;
import dev.caravan.letters.LetterImport;
import dev.caravan.letters.LetterKeeper;
import dev.caravan.letters.LetterLine;
import dev.caravan.letters.LetterReplay;
import dev.caravan.letters.LetterScript;
import dev.caravan.letters.ReplayRunner;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BrokerClient;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.DeadLetterQueues;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Executor;

/** Everything about dead letters: what operators do with them, and what runs by itself. */
final class Letters implements AutoCloseable {

    private final Settings settings;
    private final Ledger ledger;
    private final InstantSource clock;
    private final LetterReplay replay;
    private final CallMessages messages;
    private final LetterBody bodies;
    private final LetterLine lines;
    private final LetterImport imports;
    private final ReplayRunner runner;
    private final LetterKeeper keeper;

    Letters(
            Settings settings,
            Ledger ledger,
            BrokerClient broker,
            BodyFiles files,
            CallMessages messages,
            Executor workers,
            CallEvents events,
            InstantSource clock) {
        this.settings = settings;
        this.ledger = ledger;
        this.clock = clock;
        this.messages = messages;
        DeadLetterSettings kept = settings.deadLetters();
        var maxAge = settings.async().maxAge();
        var queues = new DeadLetterQueues(broker);
        bodies = new LetterBody(files);
        lines = new LetterLine(messages, bodies);
        replay = new LetterReplay(ledger, queues, messages, files, events, maxAge, clock);
        imports = new LetterImport(ledger, queues, files, lines);
        runner = new ReplayRunner(ledger, queues, replay, workers, clock);
        keeper = new LetterKeeper(
                ledger,
                queues,
                files,
                lines,
                settings.data().folder().resolve("exported-dead-letters"),
                kept.keep(),
                kept.keepDeleted(),
                clock);
    }

    /** Adds the words of the routes. */
    void addTo(Map<String, Object> words, FunctionProvider provider, Masks masks) {
        String namespace = settings.functions().namespace();
        words.put("deadLetters", new DeadLettersApi(ledger, replay, bodies, provider, namespace, masks, clock));
        words.put(
                "letterFiles",
                new LetterFilesApi(ledger, lines, new LetterScript(messages, bodies), imports, masks, clock));
        words.put(
                "replayJobs",
                new ReplayJobsApi(ledger, runner, settings.deadLetters().replayLimit(), namespace, masks, clock));
    }

    /** Sends a dead call round again as it was; false when its letter is not here, or no longer. */
    boolean replay(String call) {
        return CallId.parse(call)
                .flatMap(ledger::call)
                .flatMap(status -> ledger.deadLetter(DeadLetter.idOf(status.callId(), status.generation())))
                .filter(letter -> replay.replay(letter, Edits.NONE))
                .isPresent();
    }

    /** Goes on with what the process before left. */
    void start() {
        runner.start();
        keeper.start();
    }

    @Override
    public void close() {
        keeper.close();
        runner.close();
    }
}
