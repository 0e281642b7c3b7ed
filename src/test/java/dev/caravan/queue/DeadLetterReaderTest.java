package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DeadLetterReaderTest {

    private static final String DLQ = "DLQ.q.ns.f";

    @TempDir
    Path folder;

    @Test
    void aLetterIsReadAsItWasBuried() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            fixture.send(DLQ, "the body", 4, letter(7));
            Map<CallId, BuriedCall> read = new HashMap<>();

            reader(fixture)
                    .read(buried -> read.putIfAbsent(buried.message().call().id(), buried) == null);

            assertThat(read.values()).singleElement().satisfies(buried -> {
                assertThat(buried.reason()).isEqualTo(DeadReason.REJECTED);
                assertThat(buried.deadAt()).isEqualTo(Instant.ofEpochMilli(2_000));
                assertThat(buried.last().statusCode()).isEqualTo(400);
                assertThat(buried.last().error()).isEqualTo("no");
                assertThat(buried.message().physicalQueue()).isEqualTo("q.ns.f");
                assertThat(buried.message().call().queue()).isEqualTo("q");
                assertThat(buried.message().call().id()).isEqualTo(id(7));
                assertThat(new String(buried.message().body(), StandardCharsets.UTF_8))
                        .isEqualTo("the body");
            });
            assertThat(fixture.drain(DLQ)).containsExactly("the body");
        }
    }

    @Test
    void whatOthersPutThereIsLeftAlone() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            fixture.send(DLQ, "foreign", 4, Map.of());
            fixture.send(DLQ, "odd", 4, Map.of("CaravanReason", "bad luck", "CaravanVersion", 1));
            fixture.send("q.ns.f", "a call", 4, letter(1));

            reader(fixture).read(buried -> {
                throw new AssertionError("read " + buried);
            });

            assertThat(fixture.drain(DLQ)).containsExactly("foreign", "odd");
        }
    }

    @Test
    void lettersDeeperThanABrokerShowsAreFoundAndAllStay() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            List<String> bodies = fill(fixture, 900);
            Set<CallId> known = new HashSet<>();

            reader(fixture).read(buried -> known.add(buried.message().call().id()));

            assertThat(known).hasSize(900);
            assertThat(fixture.drain(DLQ)).containsExactlyInAnyOrderElementsOf(bodies);
        }
    }

    @Test
    void aQueueWhoseBeginningIsKnownIsNotTurned() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            List<String> bodies = fill(fixture, 900);
            List<CallId> seen = new ArrayList<>();

            reader(fixture).read(buried -> {
                seen.add(buried.message().call().id());
                return false;
            });

            assertThat(seen).hasSizeBetween(200, 500);
            assertThat(fixture.drain(DLQ)).containsExactlyElementsOf(bodies);
        }
    }

    private static List<String> fill(BrokerFixture fixture, int letters) throws Exception {
        List<String> bodies = new ArrayList<>();
        for (int i : IntStream.range(0, letters).toArray()) {
            bodies.add("letter " + i);
            fixture.send(DLQ, "letter " + i, 4, letter(i));
        }
        return bodies;
    }

    private static Map<String, Object> letter(int number) {
        return Map.of(
                "JMSCorrelationID",
                id(number).text(),
                "CaravanVersion",
                1,
                "CaravanFunction",
                "f",
                "CaravanNamespace",
                "ns",
                "CaravanReason",
                "rejected",
                "CaravanStatusCode",
                400,
                "CaravanError",
                "no",
                "CaravanDeadAt",
                2_000L);
    }

    private static CallId id(int number) {
        return new CallId("letter-%08d".formatted(number));
    }

    private DeadLetterReader reader(BrokerFixture fixture) {
        var messages = new CallMessages(
                new BodyFiles(folder.resolve("bodies")), "ns", Duration.ofHours(1), 1 << 20, InstantSource.system());
        return new DeadLetterReader(fixture.client(), messages);
    }
}
