package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallId;
import dev.caravan.ledger.CallLines.Place;
import dev.caravan.testing.PostgresServer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same on a shared database. */
class PostgresCallLinesTest extends CallLinesTest {

    private String url;

    @Override
    @BeforeEach
    void open() {
        if (url == null) {
            url = PostgresServer.shared().freshDatabase();
        }
        super.open();
    }

    @Override
    Ledger ledger(InstantSource clock) {
        return Ledger.shared(url, PostgresServer.USER, PostgresServer.PASSWORD, clock);
    }

    /** However two processes join and leave, a line is one: nobody has a turn beside another, and nobody is left out. */
    @Test
    void aLineIsOneForAllProcesses() throws Exception {
        int each = 40;
        try (Ledger other = ledger(InstantSource.fixed(Calls.NOW))) {
            other.open();
            var having = new AtomicInteger();
            var most = new AtomicInteger();
            var served = new ConcurrentLinkedQueue<CallId>();
            ExecutorService clients = Executors.newFixedThreadPool(8);
            try {
                List<Future<?>> joining = new ArrayList<>();
                for (int i = 0; i < 2 * each; i++) {
                    CallLines mine = (i % 2 == 0 ? ledger() : other).lines();
                    CallLines theirs = (i % 2 == 0 ? other : ledger()).lines();
                    joining.add(clients.submit(() -> {
                        LinedCall call = lined(Calls.call());
                        Optional<LinedCall> turn =
                                mine.join(call, false) == Place.FIRST ? Optional.of(call) : Optional.<LinedCall>empty();
                        while (turn.isPresent()) {
                            most.accumulateAndGet(having.incrementAndGet(), Math::max);
                            served.add(turn.get().id());
                            having.decrementAndGet();
                            // The process that runs a call is not always the one that sent it.
                            turn = leave(theirs, turn.get());
                        }
                    }));
                }
                for (Future<?> one : joining) {
                    one.get(100, TimeUnit.SECONDS);
                }
            } finally {
                clients.shutdownNow();
            }
            assertThat(served).hasSize(2 * each).doesNotHaveDuplicates();
            assertThat(most).hasValue(1);
        }
    }
}
