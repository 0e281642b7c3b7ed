package dev.caravan.search;

import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a field's value may be, and what it means. */
final class Values {

    private static final Pattern COMPARED = Pattern.compile("(>=|<=|>|<|=)?(.+)", Pattern.DOTALL);
    private static final Pattern AGE = Pattern.compile("([0-9]{1,6})(s|m|h|d|w)");
    private static final Map<String, Duration> UNITS = Map.of(
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1),
            "w", Duration.ofDays(7));

    private static final String OF_BOTH =
            "fn, ns, queue, reason, http, attempts, replays, callId, error, exc, header.NAME, body, body.PATH, age,"
                    + " since and until";

    private static final String AS_IT_STANDS = "; what is to be found as it stands is put in quotes";

    private final Subject subject;
    private final Instant now;

    Values(Subject subject, Instant now) {
        this.subject = subject;
        this.now = now;
    }

    /** @throws MalformedQueryException when there is no such field, or its value is none of it */
    List<Term> terms(int at, String name, String key, String value) {
        String field = name.toLowerCase(Locale.ROOT);
        if (field.equals("header")) {
            return List.of(header(at, key, value));
        }
        if (field.equals("body")) {
            return List.of(key.isEmpty() ? Term.of(Field.BODY, value) : path(at, key, value));
        }
        if (!key.isEmpty()) {
            throw unknown(at, name + "." + key);
        }
        return switch (field) {
            case "fn" -> function(value);
            case "ns" -> List.of(Term.of(Field.NAMESPACE, value));
            case "queue" -> List.of(Term.of(Field.QUEUE, value));
            case "status" -> List.of(state(at, value));
            case "reason" -> List.of(reason(at, value));
            case "group" -> List.of(group(at, value));
            case "http" -> http(at, value);
            case "attempts" -> List.of(number(at, Field.ATTEMPTS, "attempts", value));
            case "replays" -> List.of(number(at, Field.REPLAYS, "replays", value));
            case "callid" -> List.of(Term.of(Field.CALL_ID, value));
            case "error" -> List.of(Term.of(Field.ERROR, value));
            case "exc" -> List.of(Term.of(Field.EXCEPTION, value));
            case "age" -> List.of(age(at, value));
            case "since" -> List.of(time(at, "since", Comparison.AT_LEAST, value));
            case "until" -> List.of(time(at, "until", Comparison.LESS, value));
            default -> throw unknown(at, name);
        };
    }

    private MalformedQueryException unknown(int at, String name) {
        String fields = (subject == Subject.CALLS ? "status, " : "group, ") + OF_BOTH;
        return new MalformedQueryException(
                at, "there is no field \"" + shown(name) + "\"; there are " + fields + AS_IT_STANDS);
    }

    private static Term header(int at, String name, String value) {
        if (name.isEmpty()) {
            throw new MalformedQueryException(at, "say which header, as in header.X-Tenant:acme");
        }
        return new Term(Field.HEADER, name.toLowerCase(Locale.ROOT), Comparison.EQUAL, value, 0);
    }

    private static Term path(int at, String path, String value) {
        if (Arrays.asList(path.split("\\.", -1)).contains("")) {
            throw new MalformedQueryException(at, "a path in a body is names with dots between them, as body.order.id");
        }
        Matcher compared = compared(value);
        String sign = compared.group(1);
        if (sign == null || sign.equals("=")) {
            return new Term(Field.BODY, path, Comparison.EQUAL, compared.group(2), 0);
        }
        try {
            return new Term(Field.BODY, path, comparison(sign), "", finite(compared.group(2)));
        } catch (NumberFormatException e) {
            throw new MalformedQueryException(
                    at, "body." + shown(path) + " is compared with a number, not \"" + shown(value) + "\"");
        }
    }

    private static double finite(String text) {
        double number = Double.parseDouble(text);
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            throw new NumberFormatException("not a finite number");
        }
        return number;
    }

    private static List<Term> function(String value) {
        int dot = value.indexOf('.');
        return dot < 0
                ? List.of(Term.of(Field.FUNCTION, value))
                : List.of(
                        Term.of(Field.FUNCTION, value.substring(0, dot)),
                        Term.of(Field.NAMESPACE, value.substring(dot + 1)));
    }

    private Term state(int at, String value) {
        if (subject != Subject.CALLS) {
            throw new MalformedQueryException(at, "status is of calls; of dead letters there are reason and http");
        }
        return Term.of(
                Field.STATE,
                Arrays.stream(CallState.values())
                        .map(CallState::word)
                        .filter(value::equals)
                        .findFirst()
                        .orElseThrow(() -> new MalformedQueryException(
                                at,
                                "status is one of "
                                        + words(Arrays.stream(CallState.values())
                                                .map(CallState::word)
                                                .toList())
                                        + ", not \"" + shown(value) + "\"")));
    }

    private static Term reason(int at, String value) {
        List<String> codes =
                Arrays.stream(DeadReason.values()).map(DeadReason::code).toList();
        if (!codes.contains(value)) {
            throw new MalformedQueryException(
                    at, "reason is one of " + words(codes) + ", not \"" + shown(value) + "\"");
        }
        return Term.of(Field.REASON, value);
    }

    private Term group(int at, String value) {
        if (subject != Subject.DEAD_LETTERS) {
            throw new MalformedQueryException(at, "group is of dead letters");
        }
        return Term.of(Field.GROUP, value);
    }

    private static List<Term> http(int at, String value) {
        if (value.matches("(?i)[1-9]xx")) {
            int hundreds = (value.charAt(0) - '0') * 100;
            return List.of(
                    Term.of(Field.HTTP, Comparison.AT_LEAST, hundreds),
                    Term.of(Field.HTTP, Comparison.LESS, hundreds + 100));
        }
        Matcher compared = compared(value);
        if (!compared.group(2).matches("[0-9]{1,3}")) {
            throw new MalformedQueryException(
                    at, "http is a status as 500, 5xx or >=500, not \"" + shown(value) + "\"" + AS_IT_STANDS);
        }
        return List.of(Term.of(Field.HTTP, comparison(compared.group(1)), Integer.parseInt(compared.group(2))));
    }

    private static Term number(int at, Field field, String name, String value) {
        Matcher compared = compared(value);
        if (!compared.group(2).matches("[0-9]{1,9}")) {
            throw new MalformedQueryException(at, name + " is a number as 3 or >3, not \"" + shown(value) + "\"");
        }
        return Term.of(field, comparison(compared.group(1)), Integer.parseInt(compared.group(2)));
    }

    /** What is younger than two hours came later than two hours ago. */
    private Term age(int at, String value) {
        Matcher compared = compared(value);
        Matcher age = AGE.matcher(compared.group(2));
        if (!age.matches() || "=".equals(compared.group(1))) {
            throw new MalformedQueryException(at, "age is as <2h or >7d (s, m, h, d, w), not \"" + shown(value) + "\"");
        }
        Comparison comparison = compared.group(1) == null ? Comparison.LESS : comparison(compared.group(1));
        return Term.of(Field.TIME, comparison.mirrored(), ago(age).toEpochMilli());
    }

    private Instant ago(Matcher age) {
        return now.minus(UNITS.getOrDefault(age.group(2), Duration.ZERO).multipliedBy(Long.parseLong(age.group(1))));
    }

    private Term time(int at, String name, Comparison comparison, String value) {
        Matcher age = AGE.matcher(value);
        return Term.of(Field.TIME, comparison, (age.matches() ? ago(age) : moment(at, name, value)).toEpochMilli());
    }

    private static Instant moment(int at, String name, String value) {
        try {
            return value.length() == 10
                    ? LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant()
                    // A plus sign that was not encoded has become a space, which ends a value: it is in quotes then.
                    : OffsetDateTime.parse(value.replace(' ', '+').toUpperCase(Locale.ROOT))
                            .toInstant();
        } catch (DateTimeException e) {
            throw new MalformedQueryException(
                    at,
                    name + " is how long ago (2h), a day (2026-01-31) or a time (2026-01-31T12:00:00Z), not \""
                            + shown(value) + "\"");
        }
    }

    /** A sign, which may be missing, and what stands behind it. */
    private static Matcher compared(String value) {
        Matcher matcher = COMPARED.matcher(value);
        if (!matcher.matches()) {
            throw new IllegalStateException("a value is never empty");
        }
        return matcher;
    }

    private static Comparison comparison(@Nullable String sign) {
        return Arrays.stream(Comparison.values())
                .filter(each -> each.sign().equals(sign))
                .findFirst()
                .orElse(Comparison.EQUAL);
    }

    private static String words(List<String> all) {
        return String.join(", ", all);
    }

    private static String shown(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
