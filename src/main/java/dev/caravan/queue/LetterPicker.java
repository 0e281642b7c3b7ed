package dev.caravan.queue;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who goes through a dead-letter queue and takes what is theirs; see {@link DeadLetterQueues#pass}. */
public interface LetterPicker {

    /** How many may be taken now, at least 1. */
    int most();

    boolean wants(Letter letter);

    /**
     * What is sent instead of each of the letters that were wanted; empty for nothing. One that is not in the answer
     * stays. Called before anything is taken: what is thrown leaves all as it was.
     */
    Map<Letter, Optional<Replacement>> take(List<Letter> wanted);

    /** It is done: on the broker's disk. */
    void taken(List<Letter> letters);
}
