package dev.caravan.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.ledger.ReplayPlan;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a bulk replay is to go, as a request says it and a job shows it. */
final class ReplayPlanJson {

    static final List<String> FIELDS = List.of(
            "ratePerSecond", "stopAtFailureRate", "canaries", "maxInFlight", "startAt", "skipReplayed", "force");

    private static final double FASTEST = 100_000;
    private static final int MOST_CANARIES = 1_000_000;
    private static final int MOST_STAGES = 10;
    private static final int MOST_IN_FLIGHT = 100_000;

    /** As far as a call may be put off. */
    private static final Duration LATEST = Duration.ofDays(30);

    private static final String CANARIES = "field \"canaries\" must be a whole number from 0 to " + MOST_CANARIES
            + ", or at most " + MOST_STAGES + " of them in an array, each larger than the one before";

    private ReplayPlanJson() {}

    /** @throws HttpFailure 400 when a value makes no sense */
    static ReplayPlan read(JsonRequest request, Instant now) {
        boolean skipReplayed = request.flag("skipReplayed");
        boolean forced = request.flag("force");
        if (skipReplayed && forced) {
            throw new HttpFailure(400, "fields \"skipReplayed\" and \"force\" contradict each other");
        }
        return new ReplayPlan(
                rate(request),
                request.number("stopAtFailureRate", 0, 1).orElse(0),
                request.node("canaries").map(ReplayPlanJson::stages).orElse(List.of()),
                request.node("maxInFlight").isPresent() ? request.wholeNumber("maxInFlight", 1, MOST_IN_FLIGHT) : 0,
                request.optionalText("startAt").map(text -> startAt(text, now)).orElse(null),
                skipReplayed,
                forced);
    }

    private static double rate(JsonRequest request) {
        double rate = request.number("ratePerSecond", 0, FASTEST).orElse(0);
        if (rate == 0 && request.node("ratePerSecond").isPresent()) {
            throw new HttpFailure(400, "field \"ratePerSecond\" must be more than 0; leave it out for no limit");
        }
        return rate;
    }

    /** One number is one stage. */
    private static List<Integer> stages(JsonNode canaries) {
        if (!canaries.isArray()) {
            int size = size(canaries, 0);
            return size == 0 ? List.of() : List.of(size);
        }
        List<Integer> stages = new ArrayList<>();
        int before = 0;
        for (JsonNode each : canaries) {
            before = size(each, before + 1);
            stages.add(before);
        }
        if (stages.size() > MOST_STAGES) {
            throw new HttpFailure(400, CANARIES);
        }
        return stages;
    }

    private static int size(JsonNode node, int least) {
        double size = node.asDouble();
        if (!node.isNumber() || size != Math.rint(size) || size < least || size > MOST_CANARIES) {
            throw new HttpFailure(400, CANARIES);
        }
        return (int) size;
    }

    private static @Nullable Instant startAt(String text, Instant now) {
        Optional<Instant> at = time(text);
        if (at.isEmpty() || at.get().isAfter(now.plus(LATEST))) {
            throw new HttpFailure(
                    400,
                    "field \"startAt\" must be a time as of RFC 3339, e.g. 2026-01-31T12:00:00Z, at most "
                            + LATEST.toDays() + " days ahead");
        }
        return at.get();
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** What was asked for; what was not is left out. */
    static void write(ReplayPlan plan, ObjectNode json) {
        if (plan.ratePerSecond() > 0) {
            json.put("ratePerSecond", plan.ratePerSecond());
        }
        if (plan.stopAtFailureRate() > 0) {
            json.put("stopAtFailureRate", plan.stopAtFailureRate());
        }
        if (!plan.canaries().isEmpty()) {
            ArrayNode canaries = json.putArray("canaries");
            plan.canaries().forEach(canaries::add);
        }
        if (plan.maxInFlight() > 0) {
            json.put("maxInFlight", plan.maxInFlight());
        }
        if (plan.startAt() != null) {
            json.put("startAt", plan.startAt().toString());
        }
        if (plan.skipReplayed()) {
            json.put("skipReplayed", true);
        }
        json.put("force", plan.forced());
    }
}
