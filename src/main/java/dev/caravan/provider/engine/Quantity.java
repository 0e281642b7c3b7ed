package dev.caravan.provider.engine;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Amounts in the notations that stack files use: Kubernetes' ({@code 64Mi}, {@code 100m}), and Docker's for memory
 * ({@code 64m} is 64 MiB).
 */
public final class Quantity {

    private static final Pattern MEMORY = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,6})?)(Ki|Mi|Gi|[kKmMgGbB]?)");
    private static final Pattern CPU = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(m?)");
    private static final Map<String, Long> UNITS = Map.of(
            "", 1L, "b", 1L, "B", 1L, "k", 1L << 10, "Ki", 1L << 10, "m", 1L << 20, "Mi", 1L << 20, "g", 1L << 30, "Gi",
            1L << 30);

    /** What Kubernetes means by capitals without an i. */
    private static final Map<String, Long> DECIMAL = Map.of("K", 1_000L, "M", 1_000_000L, "G", 1_000_000_000L);

    private Quantity() {}

    /** In bytes. @throws IllegalArgumentException with one readable line */
    public static long memory(String text) {
        Matcher matcher = MEMORY.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "memory \"" + shortened(text) + "\" is not a size such as 128Mi or 128m");
        }
        String unit = matcher.group(2);
        long factor = UNITS.containsKey(unit) ? UNITS.get(unit) : DECIMAL.getOrDefault(unit, 1L);
        return new BigDecimal(matcher.group(1))
                .multiply(BigDecimal.valueOf(factor))
                .longValue();
    }

    /** In billionths of a processor. @throws IllegalArgumentException with one readable line */
    public static long nanoCpus(String text) {
        Matcher matcher = CPU.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("cpu \"" + shortened(text) + "\" is not a number such as 0.5 or 500m");
        }
        long factor = matcher.group(2).isEmpty() ? 1_000_000_000L : 1_000_000L;
        return new BigDecimal(matcher.group(1))
                .multiply(BigDecimal.valueOf(factor))
                .longValue();
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
