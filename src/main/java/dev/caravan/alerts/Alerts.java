package dev.caravan.alerts;

import dev.caravan.config.AlertRule;
import dev.caravan.config.AlertSettings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong by the rules, and what was; in memory and of this process alone. Somebody is told once when it begins,
 * and once when it is over; of what goes to and fro, not again before the quiet time is over. What could not be told is
 * told later, if it still holds. For any thread; {@link #look} by one at a time.
 */
public final class Alerts {

    /** How many that are over are remembered. */
    private static final int MOST_OVER = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);

    private record Key(AlertRule rule, String subject) {}

    private final AlertSettings settings;
    private final Readings readings;
    private final InstantSource clock;

    // Guarded by this.
    private final Map<Key, Watched> watched = new LinkedHashMap<>();
    private final Deque<Alert> over = new ArrayDeque<>();

    public Alerts(AlertSettings settings, Readings readings, InstantSource clock) {
        this.settings = settings;
        this.readings = readings;
        this.clock = clock;
    }

    /** Holds all rules against how things are. Gives what somebody is to be told; nothing when nobody is. */
    public List<Notice> look() {
        for (AlertRule rule : settings.rules()) {
            Map<String, Double> now = readings.of(rule);
            synchronized (this) {
                read(rule, now);
            }
        }
        return settings.url().isEmpty() ? List.of() : due();
    }

    private void read(AlertRule rule, Map<String, Double> now) {
        Set<String> subjects = new HashSet<>(now.keySet());
        watched.keySet().stream().filter(key -> key.rule().equals(rule)).forEach(key -> subjects.add(key.subject()));
        for (String subject : subjects) {
            if (rule.subject().isEmpty() || rule.subject().equals(subject)) {
                read(new Key(rule, subject), now.getOrDefault(subject, 0.0));
            }
        }
    }

    private void read(Key key, double reading) {
        Watched one = watched.get(key);
        if (one == null) {
            if (reading <= key.rule().threshold()) {
                return; // most are never broken
            }
            one = new Watched(key.rule(), key.subject(), settings.quiet());
            watched.put(key, one);
        }
        boolean before = one.firing();
        one.read(reading, clock.instant()).ifPresent(this::ended);
        if (one.firing() && !before) {
            LOG.warn("alert rule={} what=\"{}\"", key.rule().text(), one.alert().line());
        } else if (one.forgettable(clock.instant())) {
            watched.remove(key);
        }
    }

    private void ended(Alert alert) {
        LOG.info("alert is over rule={} subject={}", alert.rule().text(), alert.subject());
        over.addFirst(alert);
        while (over.size() > MOST_OVER) {
            over.removeLast();
        }
    }

    private synchronized List<Notice> due() {
        Instant now = clock.instant();
        List<Notice> due = new ArrayList<>();
        watched.values().forEach(one -> one.due(now).ifPresent(due::add));
        return due;
    }

    /** Somebody knows. */
    public synchronized void told(Notice notice) {
        Watched one = watched.get(key(notice));
        if (one != null) {
            one.told(notice.over(), clock.instant());
        }
    }

    /** Nobody knows yet. @param why one line */
    public synchronized void notTold(Notice notice, String why) {
        LOG.warn(
                "alert could not be posted, it is tried again rule={} reason=\"{}\"",
                key(notice).rule().text(),
                why);
        Watched one = watched.get(key(notice));
        if (one != null) {
            one.notTold(why, clock.instant());
        }
    }

    private static Key key(Notice notice) {
        return new Key(notice.alert().rule(), notice.alert().subject());
    }

    /** What is wrong, in the order in which it began. */
    public synchronized List<Alert> firing() {
        return watched.values().stream()
                .filter(Watched::firing)
                .map(Watched::alert)
                .sorted((a, b) -> a.since().compareTo(b.since()))
                .toList();
    }

    /** What was wrong; the last to end comes first. */
    public synchronized Collection<Alert> over() {
        return List.copyOf(over);
    }

    public AlertSettings settings() {
        return settings;
    }
}
