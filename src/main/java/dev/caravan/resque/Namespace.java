package dev.caravan.resque;

/**
 * What all keys begin with: Ruby's {@code resque}, goworker's {@code resque:} and {@code resque:GitHub} alike, with one
 * colon behind it.
 */
public record Namespace(String prefix) {

    public Namespace {
        prefix = prefix.strip().replaceAll(":+$", "") + ":";
        if (prefix.equals(":")) {
            prefix = "";
        }
    }

    String key(String name) {
        return prefix + name;
    }

    @Override
    public String toString() {
        return prefix;
    }
}
