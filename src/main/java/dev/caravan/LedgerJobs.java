package dev.caravan;

import dev.caravan.function.Attempt;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.PastAttempt;
import dev.caravan.resque.Failure;
import dev.caravan.resque.JobCalls;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/** What the ledger knows of jobs that are calls. A job failed when its call is dead, or was taken back. */
final class LedgerJobs implements JobCalls {

    private final Ledger ledger;
    private final Executor workers;
    private final InstantSource clock;

    LedgerJobs(Ledger ledger, Executor workers, InstantSource clock) {
        this.ledger = ledger;
        this.workers = workers;
        this.clock = clock;
    }

    @Override
    public boolean known(String call) {
        return CallId.parse(call).filter(ledger::known).isPresent();
    }

    @Override
    public Optional<Ended> ended(String call) {
        return CallId.parse(call)
                .flatMap(ledger::call)
                .filter(status -> status.state().terminal())
                .map(status -> new Ended(
                        status.state() == CallState.SUCCEEDED ? Optional.empty() : Optional.of(failure(status))));
    }

    @Override
    public void whenOver(String call, Runnable look) {
        CallId.parse(call).ifPresent(id -> {
            Runnable wake = () -> workers.execute(look);
            ledger.watch().add(id, wake);
            // What was over before is told to nobody.
            if (ended(call).isPresent()) {
                ledger.watch().remove(id, wake);
                look.run();
            }
        });
    }

    @Override
    public int generation(String call) {
        return CallId.parse(call)
                .flatMap(ledger::call)
                .map(CallStatus::generation)
                .orElse(0);
    }

    @Override
    public boolean doneElsewhere(String call, int generation) {
        return CallId.parse(call)
                .filter(id -> ledger.letters().delete(DeadLetter.idOf(id, generation), clock.instant()))
                .isPresent();
    }

    private Failure failure(CallStatus call) {
        List<Attempt> attempts = ledger.attempts(call.callId()).stream()
                .filter(past -> past.generation() == call.generation())
                .map(PastAttempt::attempt)
                .toList();
        String last = attempts.isEmpty() ? "" : told(attempts.get(attempts.size() - 1));
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("callId", call.callId().text());
        more.put("generation", call.generation());
        more.put("attempt", call.attempts());
        if (call.statusCode() > 0) {
            more.put("httpStatus", call.statusCode());
        }
        String reason =
                call.reason() == null ? call.state().word() : call.reason().code();
        return new Failure(
                exception(reason),
                call.function() + ": " + reason + (last.isEmpty() ? "" : ", " + last),
                attempts.stream()
                        .map(attempt ->
                                "attempt " + attempt.number() + " at " + attempt.startedAt() + ": " + told(attempt))
                        .toList(),
                more);
    }

    private static String told(Attempt attempt) {
        if (attempt.error() != null) {
            return attempt.error();
        }
        String excerpt = attempt.responseExcerpt() == null
                ? ""
                : attempt.responseExcerpt().strip();
        return attempt.statusCode() + (excerpt.isEmpty() ? "" : " " + excerpt);
    }

    /** {@code attempts-exhausted} is called {@code Caravan::AttemptsExhausted} there. */
    private static String exception(String reason) {
        var name = new StringBuilder("Caravan::");
        for (String word : reason.split("-")) {
            name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return name.toString();
    }
}
