package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every order in which two dispatchers can take, judge, settle and acknowledge two messages of at most two attempts, with
 * a crash and a cancel at every point: each call ends exactly once and none is lost. It also shows that this hangs on the
 * guard, by finding what happens without it.
 */
class SettleInterleavingTest {

    private static final int DISPATCHERS = 2;
    private static final int ATTEMPTS = 2;
    private static final int CRASHES = 1;

    private static final List<CallId> CALLS = List.of(new CallId("call-of-one"), new CallId("call-of-two"));

    private static final Transitions UNGUARDED = new Transitions((row, call) -> false);

    /** A message on the queue, or taken and not acknowledged. */
    private record Message(int call, int attempt) {}

    /** How far a dispatcher is with a message: each step is one that nothing else can come into. */
    private enum Step {
        TAKEN,
        BEGUN,
        JUDGED,
        FOLLOWED,
        SETTLED
    }

    /** What a dispatcher does. {@code attempt} is how it counts; the outcome is of its judgement. */
    private record Hand(Message message, Step step, int attempt, Optional<CallState> outcome) {}

    /**
     * Everything there is at one moment.
     *
     * @param ends how often each call came to an end
     * @param queue sorted, so that equal worlds are equal
     */
    private record World(
            List<Optional<Row>> rows,
            List<Integer> ends,
            List<Message> queue,
            List<Optional<Hand>> hands,
            int crashes,
            boolean cancel) {

        World put(List<Message> messages) {
            var sorted = new ArrayList<>(messages);
            sorted.sort(Comparator.comparing(Message::call).thenComparing(Message::attempt));
            return new World(rows, ends, List.copyOf(sorted), hands, crashes, cancel);
        }

        World hold(int dispatcher, Optional<Hand> hand) {
            return new World(rows, ends, queue, with(hands, dispatcher, hand), crashes, cancel);
        }

        /** A call's row becomes another. */
        World become(int call, Row row) {
            boolean ended = row.state().terminal();
            return new World(
                    with(rows, call, Optional.of(row)),
                    ended ? with(ends, call, ends.get(call) + 1) : ends,
                    queue,
                    hands,
                    crashes,
                    cancel);
        }

        World crashed() {
            return new World(rows, ends, queue, hands, crashes - 1, cancel);
        }

        World cancelled() {
            return new World(rows, ends, queue, hands, crashes, false);
        }
    }

    /** What is on the queue at the beginning. */
    private enum Start {
        /** One call, whose message a crash of its sender has left twice. */
        ONE_CALL_TWICE(List.of(new Message(0, 1), new Message(0, 1)), true),
        /** Two calls, one message each. */
        TWO_CALLS(List.of(new Message(0, 1), new Message(1, 1)), true),
        /** One call, both of whose messages overtake its announcement. */
        UNANNOUNCED(List.of(new Message(0, 1), new Message(0, 1)), false);

        private final List<Message> messages;
        private final boolean announced;

        Start(List<Message> messages, boolean announced) {
            this.messages = messages;
            this.announced = announced;
        }

        World world() {
            int calls = (int) messages.stream().map(Message::call).distinct().count();
            List<Optional<Row>> rows = new ArrayList<>();
            List<Integer> ends = new ArrayList<>();
            for (int call = 0; call < calls; call++) {
                Row accepted = Row.accepted(Calls.call(CALLS.get(call), 1, 1), null);
                rows.add(announced ? Optional.of(accepted) : Optional.empty());
                ends.add(0);
            }
            List<Optional<Hand>> hands = new ArrayList<>();
            for (int dispatcher = 0; dispatcher < DISPATCHERS; dispatcher++) {
                hands.add(Optional.empty());
            }
            return new World(List.copyOf(rows), List.copyOf(ends), messages, List.copyOf(hands), CRASHES, true);
        }
    }

    @ParameterizedTest
    @EnumSource
    void inEveryOrderEachCallEndsOnceAndNoneIsLost(Start start) {
        var search = new Search(Transitions.RULES);

        search.from(start.world());

        assertThat(search.violations).isEmpty();
        assertThat(search.seen).as("worlds").hasSizeGreaterThan(1_000);
        assertThat(search.endings).as("ways to end").isEqualTo(Set.of("succeeded", "dead", "cancelled"));
    }

    @ParameterizedTest
    @EnumSource
    void withoutTheGuardACallEndsTwice(Start start) {
        var search = new Search(UNGUARDED);

        search.from(start.world());

        assertThat(search.violations).anyMatch(violation -> violation.startsWith("ended twice"));
    }

    /** All worlds that can come of one. */
    private static final class Search {
        private final Transitions rules;
        private final Set<World> seen = new HashSet<>();
        private final Deque<World> open = new ArrayDeque<>();
        private final Set<String> violations = new HashSet<>();
        private final Set<String> endings = new HashSet<>();

        Search(Transitions rules) {
            this.rules = rules;
        }

        void from(World start) {
            visit(start);
            for (World world = open.poll(); world != null && violations.isEmpty(); world = open.poll()) {
                next(world);
            }
        }

        private void visit(World world) {
            boolean good = world.ends().stream().allMatch(ends -> ends <= 1);
            if (!good) {
                violations.add("ended twice: " + world);
            }
            if (!allAreSomewhere(world)) {
                violations.add("lost: " + world);
                good = false;
            }
            if (seen.add(world) && good) {
                open.add(world);
            }
        }

        /** Conservation: what is not over has a message, on the queue or in somebody's hand. */
        private static boolean allAreSomewhere(World world) {
            for (int call = 0; call < world.rows().size(); call++) {
                int wanted = call;
                boolean over = world.rows()
                        .get(call)
                        .map(row -> row.state().terminal())
                        .orElse(false);
                boolean there = world.queue().stream().anyMatch(message -> message.call() == wanted)
                        || world.hands().stream()
                                .flatMap(Optional::stream)
                                .anyMatch(hand -> hand.message().call() == wanted);
                if (!over && !there) {
                    return false;
                }
            }
            return true;
        }

        private void next(World world) {
            boolean idle = world.queue().isEmpty() && world.hands().stream().noneMatch(Optional::isPresent);
            if (idle) {
                world.rows()
                        .forEach(row -> endings.add(row.orElseThrow().state().word()));
            }
            for (int dispatcher = 0; dispatcher < DISPATCHERS; dispatcher++) {
                Optional<Hand> hand = world.hands().get(dispatcher);
                if (hand.isPresent()) {
                    go(world, dispatcher, hand.get());
                    crash(world, dispatcher, hand.get());
                } else {
                    take(world, dispatcher);
                }
            }
            cancel(world);
        }

        private void take(World world, int dispatcher) {
            for (Message message : new HashSet<>(world.queue())) {
                var rest = new ArrayList<>(world.queue());
                rest.remove(message);
                visit(world.put(rest)
                        .hold(dispatcher, Optional.of(new Hand(message, Step.TAKEN, 0, Optional.empty()))));
            }
        }

        /** Its connection breaks: what it did not acknowledge is on the queue again. */
        private void crash(World world, int dispatcher, Hand hand) {
            if (world.crashes() > 0) {
                var more = new ArrayList<>(world.queue());
                more.add(hand.message());
                visit(world.crashed().put(more).hold(dispatcher, Optional.empty()));
            }
        }

        private void cancel(World world) {
            if (!world.cancel()) {
                return;
            }
            for (int call = 0; call < world.rows().size(); call++) {
                Row cancelled = rules.cancelled(world.rows().get(call).orElse(null), Calls.NOW);
                if (cancelled != null) {
                    visit(world.cancelled().become(call, cancelled));
                }
            }
        }

        private void go(World world, int dispatcher, Hand hand) {
            switch (hand.step()) {
                case TAKEN -> begin(world, dispatcher, hand);
                case BEGUN -> judge(world, dispatcher, hand);
                case JUDGED -> visit(follow(world, hand).hold(dispatcher, at(hand, Step.FOLLOWED)));
                case FOLLOWED -> settle(world, dispatcher, hand);
                case SETTLED -> visit(world.hold(dispatcher, Optional.empty()));
            }
        }

        private void begin(World world, int dispatcher, Hand hand) {
            Message message = hand.message();
            Row row = world.rows().get(message.call()).orElse(null);
            Row begun = rules.begun(row, Calls.call(CALLS.get(message.call()), 1, message.attempt()), Calls.NOW);
            visit(
                    begun == null
                            ? world.hold(dispatcher, at(hand, Step.SETTLED))
                            : world.become(message.call(), begun)
                                    .hold(
                                            dispatcher,
                                            Optional.of(
                                                    new Hand(message, Step.BEGUN, begun.begun(), Optional.empty()))));
        }

        private void judge(World world, int dispatcher, Hand hand) {
            for (CallState outcome : List.of(CallState.SUCCEEDED, CallState.DEAD, CallState.RETRYING)) {
                if (outcome != CallState.RETRYING || hand.attempt() < ATTEMPTS) {
                    visit(world.hold(
                            dispatcher,
                            Optional.of(new Hand(hand.message(), Step.JUDGED, hand.attempt(), Optional.of(outcome)))));
                }
            }
        }

        /** What follows is sent before it is settled. */
        private static World follow(World world, Hand hand) {
            if (hand.outcome().orElseThrow() != CallState.RETRYING) {
                return world;
            }
            var more = new ArrayList<>(world.queue());
            more.add(new Message(hand.message().call(), hand.attempt() + 1));
            return world.put(more);
        }

        private void settle(World world, int dispatcher, Hand hand) {
            int call = hand.message().call();
            var tried = Calls.call(CALLS.get(call), 1, hand.attempt());
            Settlement settlement = switch (hand.outcome().orElseThrow()) {
                case SUCCEEDED -> Calls.success(tried);
                case DEAD -> Calls.death(tried);
                default -> Calls.retry(tried);
            };
            Row settled = rules.settled(world.rows().get(call).orElse(null), settlement, Calls.NOW);
            visit((settled == null ? world : world.become(call, settled)).hold(dispatcher, at(hand, Step.SETTLED)));
        }

        private static Optional<Hand> at(Hand hand, Step step) {
            return Optional.of(new Hand(hand.message(), step, hand.attempt(), hand.outcome()));
        }
    }

    private static <T> List<T> with(List<T> list, int index, T value) {
        var changed = new ArrayList<>(list);
        changed.set(index, value);
        return List.copyOf(changed);
    }
}
