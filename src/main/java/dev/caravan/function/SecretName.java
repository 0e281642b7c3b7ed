package dev.caravan.function;

import java.util.regex.Pattern;

/**
 * Which secret: a name inside a namespace.
 *
 * <p>The name is a DNS subdomain (RFC 1123: labels of a-z, 0-9 and dashes, joined by dots, at most 253 characters), as
 * {@code faas-cli} and Kubernetes demand; so it is always safe as a file's name.
 */
public record SecretName(String name, String namespace) {

    private static final int MAX_LENGTH = 253;
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    /** @throws IllegalArgumentException when the name is no DNS subdomain or the namespace no DNS label */
    public SecretName {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "secret name must be a DNS subdomain (a-z, 0-9, -, .; at most 253): \"" + shortened(name) + "\"");
        }
        if (!FunctionName.isLabel(namespace)) {
            throw new IllegalArgumentException(
                    "namespace must be a DNS label (a-z, 0-9, -; at most 63): \"" + shortened(namespace) + "\"");
        }
    }

    /** Whether a secret may be called that. */
    public static boolean isName(String text) {
        return text.length() <= MAX_LENGTH && SUBDOMAIN.matcher(text).matches();
    }

    @Override
    public String toString() {
        return name + " in " + namespace;
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
