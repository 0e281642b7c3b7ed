package dev.caravan.cli;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** All verbs, in the order in which help shows them. */
final class Verbs {

    /** The verb that asks again and again until a job is over. */
    static final String FOLLOW = "follow";

    private Verbs() {}

    static final List<Verb> ALL = Stream.of(
                    CallVerbs.calls(),
                    CallVerbs.letters(),
                    CallVerbs.jobs(),
                    NodeVerbs.queues(),
                    NodeVerbs.functions(),
                    NodeVerbs.routes(),
                    ResqueVerbs.resque(),
                    NodeVerbs.others())
            .flatMap(List::stream)
            .toList();

    static Stream<Verb> of(String noun) {
        return ALL.stream().filter(verb -> verb.noun().equals(noun));
    }

    static Optional<Verb> find(String noun, String word) {
        return of(noun).filter(verb -> verb.word().equals(word)).findFirst();
    }
}
