package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What one function has waiting, or how slow it is, is no concern of another's on the same logical queue. */
class FairnessIT {

    private static final int SAMPLES = 15;

    /** What a busy test machine adds to a call that takes some milliseconds when it is idle. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @Test
    void aBurstOfSlowCallsOfOneFunctionDoesNotDelayAnothers() {
        String quick = server.deploy("quick", "cat");
        String slow = server.deployScript("slow", "sleep 30");
        server.callAsync(quick, "warm", "X-Callback-Url", receiver.url("/warm"));
        receiver.awaitOnly("/warm");
        Duration unloaded = median(quick, "unloaded");

        // More than fifty times what runs at once: in one line with them the next call would wait for hours.
        for (int i = 0; i < 2_000; i++) {
            server.callAsync(slow, "x");
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> server.calls("running") == 40);
        Duration loaded = median(quick, "loaded");

        assertThat(server.calls("running"))
                .as("the cap of one function: four fifths of 50")
                .isEqualTo(40);
        assertThat(loaded).isLessThan(unloaded.multipliedBy(2).plus(SLACK));
        server.system("DELETE", "/system/queues/faas-request/messages", "");
        server.delete(slow);
    }

    private static Duration median(String function, String what) {
        List<Duration> took = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            String path = "/" + what + "-" + i;
            long begin = System.nanoTime();
            server.callAsync(function, "x", "X-Callback-Url", receiver.url(path));
            receiver.awaitOnly(path);
            took.add(Duration.ofNanos(System.nanoTime() - begin));
        }
        return took.stream().sorted().toList().get(SAMPLES / 2);
    }
}
