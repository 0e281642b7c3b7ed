package dev.caravan.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often something may happen, written {@code 10/s}, {@code 600/m} or {@code 5000/h}.
 *
 * @param calls at least 1
 */
public record Rate(int calls, Duration per) {

    private static final Pattern RATE = Pattern.compile("([0-9]{1,7})/([smh])");

    /** @throws IllegalArgumentException when it is none */
    public static Rate parse(String text) {
        Matcher rate = RATE.matcher(text);
        if (!rate.matches() || Integer.parseInt(rate.group(1)) == 0) {
            throw new IllegalArgumentException("must be a rate such as 10/s, 600/m or 5000/h");
        }
        Duration per = switch (rate.group(2)) {
            case "s" -> Duration.ofSeconds(1);
            case "m" -> Duration.ofMinutes(1);
            default -> Duration.ofHours(1); // the last the pattern lets through
        };
        return new Rate(Integer.parseInt(rate.group(1)), per);
    }

    /** As it was written. */
    public String text() {
        return calls + "/" + (per.toSeconds() == 1 ? "s" : per.toSeconds() == 60 ? "m" : "h");
    }

    public double perSecond() {
        return calls / (double) per.toSeconds();
    }
}
