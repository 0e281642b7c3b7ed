package dev.caravan.config;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes, written as {@code 512}, {@code 64KiB}, {@code 10MiB} or {@code 1GiB}. */
public final class Sizes {

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(KiB|MiB|GiB|B)?");

    private Sizes() {}

    /** @throws IllegalArgumentException when it is not a size */
    public static long parse(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new IllegalArgumentException("must be a size such as 512KiB, 10MiB or 2GiB");
        }
        int shift = size.group(2) == null
                ? 0
                : 10 * List.of("B", "KiB", "MiB", "GiB").indexOf(size.group(2));
        return Long.parseLong(size.group(1)) << shift;
    }
}
