package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreRoomTest {

    @TempDir
    Path folder;

    @Test
    void itClosesAtEightyPercentAndOpensAgain() {
        var stored = new AtomicLong(799);
        var room = new StoreRoom(folder, 1_000, stored::get);
        assertThat(room.objection()).isEmpty();

        stored.set(800);
        await().until(() -> room.objection().isPresent());
        assertThat(room.objection()).get().asString().contains("kept for calls already accepted");

        stored.set(799);
        await().until(() -> room.objection().isEmpty());
    }

    @Test
    void itDoesNotAskTheDiskForEveryCall() {
        var asked = new AtomicLong();
        var room = new StoreRoom(folder, 1_000, asked::incrementAndGet);

        for (int i = 0; i < 10_000; i++) {
            room.objection();
        }

        assertThat(asked).hasValueLessThan(100);
    }
}
