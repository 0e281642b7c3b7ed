package dev.caravan.ledger;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL is and who signs in there. Printed without what may be secret.
 *
 * @param url as its driver takes it, without a password
 * @param user null when the URL says it
 */
record PostgresAddress(
        String url, @Nullable String user, @Nullable String password) {

    private static final String PASSWORD = "password=";

    /** Takes a password out of the URL, so that no message of the driver or the pool can repeat it. */
    static PostgresAddress of(String url, @Nullable String user, @Nullable String password) {
        int mark = url.indexOf('?');
        if (mark < 0) {
            return new PostgresAddress(url, user, password);
        }
        String[] parameters = url.substring(mark + 1).split("&");
        String inUrl = Arrays.stream(parameters)
                .filter(parameter -> parameter.startsWith(PASSWORD))
                .map(parameter -> decoded(parameter.substring(PASSWORD.length())))
                .findFirst()
                .orElse(null);
        String rest = Arrays.stream(parameters)
                .filter(parameter -> !parameter.isEmpty() && !parameter.startsWith(PASSWORD))
                .collect(Collectors.joining("&", "?", ""));
        return new PostgresAddress(
                url.substring(0, mark) + (rest.equals("?") ? "" : rest), user, password == null ? inUrl : password);
    }

    /** As the driver would have read it; a lone percent sign is taken for itself. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** Without parameters, among which a key's password may be. */
    @Override
    public String toString() {
        int mark = url.indexOf('?');
        return mark < 0 ? url : url.substring(0, mark);
    }
}
