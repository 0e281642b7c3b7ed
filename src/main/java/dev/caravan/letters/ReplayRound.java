package dev.caravan.letters;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.ReplayJobs;
import dev.caravan.queue.DeadLetterQueues;
import dev.caravan.queue.Letter;
import dev.caravan.queue.LetterPicker;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Replacement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * One job at one dead-letter queue: goes through the queue in order and sends round again what is the job's.
 *
 * <p>Before messages are sent the job notes which, on disk. So after a crash it knows of a letter that is no longer in
 * its queue whether it was sent by this job, whose ledger then follows, or taken by somebody else.
 */
final class ReplayRound {

    /** A letter that is missing at the end of a round may have been moved past it by somebody who looked for another. */
    private static final int ROUNDS = 3;

    private final String job;
    private final String queue;
    private final Ledger ledger;
    private final ReplayJobs jobs;
    private final DeadLetterQueues queues;
    private final LetterReplay replay;
    private final Executor workers;

    private String round = UUID.randomUUID().toString();
    private int rounds;

    /** @param workers runs what waits for the disk, so that many wait together */
    ReplayRound(
            String job, String queue, Ledger ledger, DeadLetterQueues queues, LetterReplay replay, Executor workers) {
        this.job = job;
        this.queue = queue;
        this.ledger = ledger;
        this.jobs = ledger.jobs();
        this.queues = queues;
        this.replay = replay;
        this.workers = workers;
    }

    /** Replays at most {@code most} letters; gives how many. */
    int step(int most) {
        var step = new Step(most);
        if (queues.pass(queue, round, step)) {
            round = UUID.randomUUID().toString();
            rounds++;
            settleMissing();
        }
        return step.replayed;
    }

    /** Whether the job has no more letters here. */
    boolean over() {
        return !jobs.anyLeft(job, queue);
    }

    private void settleMissing() {
        List<String> missing = jobs.left(job, queue, false);
        while (!missing.isEmpty()) {
            List<String> gone = rounds < ROUNDS
                    ? missing.stream()
                            .filter(id -> ledger.deadLetter(id).isEmpty())
                            .toList()
                    : missing;
            jobs.finish(job, gone, false);
            missing = gone.size() < missing.size() ? List.of() : jobs.left(job, queue, false);
        }
        if (rounds < ROUNDS) {
            return;
        }
        List<String> sent = jobs.left(job, queue, true);
        while (!sent.isEmpty()) {
            sent.forEach(ledger::reopen);
            jobs.finish(job, sent, true);
            sent = jobs.left(job, queue, true);
        }
    }

    private String id(Letter letter) {
        return queue.startsWith(QueueNames.deadLetters(QueueNames.CALLBACK_QUEUE) + ".")
                ? DeadLetter.callbackIdOf(letter.callId(), letter.generation())
                : DeadLetter.idOf(letter.callId(), letter.generation());
    }

    /** What is replayed in one transaction. */
    private final class Step implements LetterPicker {
        private final int most;
        private final Map<Letter, DeadLetter> letters = new LinkedHashMap<>();
        private final Map<Letter, Call> calls = new HashMap<>();
        private int replayed;

        Step(int most) {
            this.most = most;
        }

        @Override
        public int most() {
            return most;
        }

        @Override
        public boolean wants(Letter letter) {
            return jobs.wants(job, id(letter));
        }

        @Override
        public Map<Letter, Optional<Replacement>> take(List<Letter> wanted) {
            Map<Letter, Optional<Replacement>> taken = new HashMap<>();
            Map<String, CallId> noted = new LinkedHashMap<>();
            List<String> gone = new ArrayList<>();
            for (Letter each : wanted) {
                Optional<DeadLetter> found = ledger.deadLetter(id(each));
                if (found.isEmpty()) {
                    gone.add(id(each)); // deleted meanwhile
                    continue;
                }
                Call call = replay.next(found.get(), Edits.NONE);
                letters.put(each, found.get());
                calls.put(each, call);
                taken.put(each, Optional.of(replay.unchanged(found.get(), call)));
                noted.put(id(each), each.callId());
            }
            if (!gone.isEmpty()) {
                jobs.finish(job, gone, false);
            }
            if (!noted.isEmpty()) {
                jobs.taking(job, noted);
            }
            return taken;
        }

        @Override
        public void taken(List<Letter> done) {
            replayed = done.size();
            // Together: the ledger writes what waits at the same time in one group.
            var commits = done.stream()
                    .map(each -> CompletableFuture.runAsync(() -> commit(each), workers))
                    .toArray(CompletableFuture<?>[]::new);
            CompletableFuture.allOf(commits).join();
            jobs.finish(job, done.stream().map(ReplayRound.this::id).toList(), true);
        }

        private void commit(Letter each) {
            DeadLetter letter = letters.get(each);
            Call call = calls.get(each);
            if (letter != null && call != null) {
                replay.committed(letter, call);
            }
        }
    }
}
