package dev.caravan.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.AlertSettings;
import dev.caravan.config.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is told of what, and when. */
class AlertsTest {

    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private final Map<String, Double> depths = new HashMap<>();
    private Alerts alerts = alerts("depth>10", "https://alerts.example/hook");

    private Alerts alerts(String rules, String url) {
        AlertSettings settings = Settings.from(
                        Map.of("CARAVAN_ALERTS", rules, "CARAVAN_ALERT_URL", url, "CARAVAN_ALERT_QUIET", "15m"))
                .alerts();
        return new Alerts(settings, rule -> depths, () -> now);
    }

    @Test
    void somebodyIsToldOnceThatItBeganAndOnceThatItIsOver() {
        depths.put("mail", 10.0);
        assertThat(alerts.look()).isEmpty();
        depths.put("mail", 11.0);
        Notice began = only(alerts.look());
        assertThat(began.over()).isFalse();
        assertThat(began.alert().line()).isEqualTo("11 calls wait in queue mail, more than 10");
        alerts.told(began);
        later(10);
        depths.put("mail", 12.0);
        assertThat(alerts.look()).isEmpty();
        assertThat(alerts.firing()).singleElement().matches(alert -> alert.value() == 12 && alert.toldAt() != null);

        later(10);
        depths.remove("mail");
        Notice over = only(alerts.look());
        assertThat(over.over()).isTrue();
        assertThat(over.alert().id()).isEqualTo(began.alert().id());
        assertThat(over.alert().endedAt()).isEqualTo(now);
        alerts.told(over);
        assertThat(alerts.look()).isEmpty();
        assertThat(alerts.firing()).isEmpty();
        assertThat(alerts.over()).hasSize(1);
    }

    @Test
    void whatGoesToAndFroIsNotToldAgainBeforeTheQuietTimeIsOver() {
        depths.put("mail", 11.0);
        alerts.told(only(alerts.look()));
        depths.clear();
        alerts.told(only(alerts.look()));
        later(60);
        depths.put("mail", 11.0);
        assertThat(alerts.look()).isEmpty();
        assertThat(alerts.firing()).hasSize(1);

        later(60);
        depths.clear();
        assertThat(alerts.look()).as("nobody has heard of it").isEmpty();
        depths.put("mail", 11.0);
        alerts.look();
        later(15 * 60);
        assertThat(only(alerts.look()).over()).isFalse();
    }

    @Test
    void whatCouldNotBeToldIsToldLaterAndLaterStill() {
        depths.put("mail", 11.0);
        Notice notice = only(alerts.look());
        alerts.notTold(notice, "it answered 500");
        assertThat(alerts.look()).isEmpty();
        assertThat(alerts.firing()).singleElement().matches(alert -> "it answered 500".equals(alert.problem()));
        later(10);
        alerts.notTold(only(alerts.look()), "it answered 500");
        later(10);
        assertThat(alerts.look()).isEmpty();
        later(10);
        alerts.told(only(alerts.look()));
        assertThat(alerts.firing()).singleElement().matches(alert -> alert.problem() == null);
    }

    @Test
    void whatIsOverBeforeAnybodyHeardOfItIsNotTold() {
        depths.put("mail", 11.0);
        alerts.notTold(only(alerts.look()), "nobody there");
        depths.clear();
        later(600);
        assertThat(alerts.look()).isEmpty();
        assertThat(alerts.over()).hasSize(1);
    }

    @Test
    void aRuleMayBeOfOneQueueAndWithoutAnAddressItIsOnlyShown() {
        alerts = alerts("depth@mail>10", "");
        depths.put("mail", 11.0);
        depths.put("other", 11.0);
        assertThat(alerts.look()).isEmpty();
        assertThat(alerts.firing()).extracting(Alert::subject).containsExactly("mail");
    }

    @Test
    void onlyTheLastHundredThatAreOverAreRemembered() {
        for (int i = 0; i < 150; i++) {
            depths.put("mail", 11.0);
            alerts.look();
            depths.clear();
            alerts.look();
            later(1);
        }
        assertThat(alerts.over()).hasSize(100);
    }

    private static Notice only(List<Notice> notices) {
        assertThat(notices).hasSize(1);
        return notices.get(0);
    }

    private void later(int seconds) {
        now = now.plus(Duration.ofSeconds(seconds));
    }
}
