package dev.caravan.watchdog;

import java.io.PrintStream;
import java.time.Clock;
import java.time.LocalDateTime;

/** Writes lines as Go's log does: {@code 2026/01/31 23:59:59 text}. */
final class StampedLog implements FunctionLog {

    private final PrintStream target;
    private final Clock clock;

    /** @param clock whose zone the times are in */
    StampedLog(PrintStream target, Clock clock) {
        this.target = target;
        this.clock = clock;
    }

    @Override
    public void line(String text) {
        LocalDateTime now = LocalDateTime.now(clock);
        StringBuilder line = new StringBuilder(text.length() + 21);
        line.append(now.getYear()).append('/');
        two(line, now.getMonthValue()).append('/');
        two(line, now.getDayOfMonth()).append(' ');
        two(line, now.getHour()).append(':');
        two(line, now.getMinute()).append(':');
        two(line, now.getSecond()).append(' ');
        bare(line.append(text).toString());
    }

    /** In one piece, so that lines of several threads do not mix. */
    @Override
    public void bare(String text) {
        target.print(text + "\n");
        target.flush();
    }

    private static StringBuilder two(StringBuilder line, int number) {
        return number < 10 ? line.append('0').append(number) : line.append(number);
    }
}
