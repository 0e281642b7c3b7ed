package dev.caravan.function;

/**
 * What calls of one function have in common that are to run one after the other, in the order in which they were
 * accepted: {@code X-Order-Key}.
 *
 * @param text 1 to 128 visible ASCII characters
 */
public record OrderKey(String text) {

    private static final int LONGEST = 128;

    /** @throws IllegalArgumentException when it is none; the message goes on after the name of what it was read from */
    public OrderKey {
        if (text.isEmpty() || text.length() > LONGEST || !text.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new IllegalArgumentException("must be 1 to " + LONGEST + " visible ASCII characters");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
