package dev.caravan.function;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where a call's result is posted: an absolute http or https URL of at most {@value #LONGEST} characters.
 *
 * <p>It holds no user information ({@code http://user:password@host/}): a URL stands in messages, lists and logs, and a
 * password does not belong there. What proves to the receiver who posted is the callback's signature.
 */
public record CallbackUrl(URI uri) {

    /** In characters. */
    public static final int LONGEST = 2_000;

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException with what it must be, and never with what it is: that may hold a password
     */
    public static CallbackUrl parse(String text) {
        URI uri;
        try {
            uri = new URI(text.length() <= LONGEST ? text : "");
        } catch (URISyntaxException e) {
            throw noUrl(text);
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        // A password with characters that no URL may have makes the parser see no host at all.
        if (String.valueOf(uri.getRawAuthority()).indexOf('@') >= 0) {
            throw withUser();
        }
        if (!scheme.equals("http") && !scheme.equals("https") || uri.getHost() == null) {
            throw noUrl(text);
        }
        return new CallbackUrl(uri);
    }

    /** Without brackets, should it be an IPv6 address. */
    public String host() {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** The URL's own, or what its scheme stands for. */
    public int port() {
        return uri.getPort() >= 0 ? uri.getPort() : secure() ? 443 : 80;
    }

    public boolean secure() {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    /** Path and query as they were written; never empty. */
    public String target() {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    private static IllegalArgumentException noUrl(String text) {
        return text.indexOf('@') >= 0
                ? withUser()
                : new IllegalArgumentException(
                        "must be an absolute http or https URL of at most " + LONGEST + " characters");
    }

    private static IllegalArgumentException withUser() {
        return new IllegalArgumentException(
                "must be an absolute http or https URL without user and password; the receiver can check the signature");
    }
}
