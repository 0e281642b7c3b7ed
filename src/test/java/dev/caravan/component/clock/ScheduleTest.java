package dev.caravan.component.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

    private static List<String> times(Schedule schedule, String after, int count) {
        var times = new ArrayList<String>();
        Instant last = Instant.parse(after);
        for (int i = 0; i < count; i++) {
            last = schedule.after(last).orElseThrow();
            times.add(last.toString());
        }
        return times;
    }

    @ParameterizedTest
    @CsvSource({
        "0 3 * * *,       UTC,           2026-03-05T03:00:00Z",
        "0 3 * * *,       Europe/Berlin, 2026-03-05T02:00:00Z",
        "0 3 * * *,       +05:30,        2026-03-04T21:30:00Z",
        "*/15 * * * * *,  UTC,           2026-03-04T05:06:15Z",
        "30 8 * * MON,    UTC,           2026-03-09T08:30:00Z",
        "0 0 L * *,       UTC,           2026-03-31T00:00:00Z",
        "@daily,          UTC,           2026-03-05T00:00:00Z"
    })
    void anExpressionWithOrWithoutSecondsIsReadInItsZone(String cron, String zone, String next) {
        assertThat(times(Schedule.of(cron, zone), "2026-03-04T05:06:07Z", 1)).containsExactly(next);
    }

    @Test
    void aCertainHourThatTheClocksLeaveOutComesAsMuchLater() {
        assertThat(times(Schedule.of("30 2 * * *", "Europe/Berlin"), "2026-03-27T12:00:00Z", 3))
                .containsExactly("2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z");
    }

    @Test
    void whatIsDueInEveryHourFollowsTheTimeThatPasses() {
        Schedule schedule = Schedule.of("*/30 * * * *", "Europe/Berlin");

        assertThat(times(schedule, "2026-03-29T00:45:00Z", 3))
                .containsExactly("2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z");
        assertThat(times(schedule, "2026-10-25T00:15:00Z", 4))
                .containsExactly(
                        "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z");
    }

    @Test
    void aCertainHourThatComesTwiceStrikesOnce() {
        assertThat(times(Schedule.of("30 2 * * *", "Europe/Berlin"), "2026-10-25T01:10:00Z", 1))
                .as("from within its second coming")
                .containsExactly("2026-10-26T01:30:00Z");
        assertThat(times(Schedule.of("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00:00Z", 2))
                .containsExactly("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    }

    @Test
    void aTimeThatNeverComesIsToldAsSuch() {
        assertThat(Schedule.of("0 0 30 2 *", "UTC").after(Instant.parse("2026-03-04T05:06:07Z")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3", "0 3 * *", "60 3 * * *", "0 3 * * * * *", "at three"})
    void whatIsNoCronExpressionIsSaid(String cron) {
        assertThatThrownBy(() -> Schedule.of(cron, "UTC"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("\"" + cron + "\" is no cron expression (minute hour day month weekday");
    }

    @Test
    void whatIsNoTimeZoneIsSaid() {
        assertThatThrownBy(() -> Schedule.of("0 3 * * *", "Europe/Berln"))
                .hasMessage("no time zone is called \"Europe/Berln\"; write it like Europe/Berlin or UTC");
    }
}
