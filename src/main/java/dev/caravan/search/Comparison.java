package dev.caravan.search;

/** How a {@link Term} compares what is there with its value. */
public enum Comparison {
    /** The same; of texts that are not names: it stands somewhere in there, in any case. */
    EQUAL("="),
    LESS("<"),
    AT_MOST("<="),
    MORE(">"),
    AT_LEAST(">=");

    private final String sign;

    Comparison(String sign) {
        this.sign = sign;
    }

    /** As people and databases write it. */
    public String sign() {
        return sign;
    }

    /** The other way round: what is older is earlier. */
    Comparison mirrored() {
        return switch (this) {
            case EQUAL -> EQUAL;
            case LESS -> MORE;
            case AT_MOST -> AT_LEAST;
            case MORE -> LESS;
            case AT_LEAST -> AT_MOST;
        };
    }
}
