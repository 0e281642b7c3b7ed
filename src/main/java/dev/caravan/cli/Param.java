package dev.caravan.cli;

/**
 * Something that a verb may be told.
 *
 * @param name as it is typed: {@code --rate}, or {@code ID} for one that stands by its place
 * @param target what the API calls it
 */
record Param(String name, Place place, Kind kind, String target, String meaning) {

    /** Where it goes. */
    enum Place {
        PATH,
        QUERY,
        /** A field of the JSON body. */
        FIELD,
        /** A field of the body's {@code filter}. */
        FILTER,
        /** One of the body's {@code headers}. */
        HEADERS,
        /** The whole body. */
        BODY,
        /** The header {@code X-Reason}. */
        REASON,
        /** Only for the command line itself. */
        HERE
    }

    /** How it is typed. */
    enum Kind {
        TEXT,
        NUMBER,
        /** A number, or several with commas between them. */
        NUMBERS,
        /** {@code NAME=VALUE}; may be said again. */
        PAIR,
        /** A file's name, {@code -} for standard input; what counts is what is in it. */
        FILE,
        /** Nothing follows it. */
        FLAG,
        /** All the words that are left, as the console's search box takes them. */
        WORDS
    }

    static Param path(String name, String target, String meaning) {
        return new Param(name, Place.PATH, Kind.TEXT, target, meaning);
    }

    static Param query(String name, String target, String meaning) {
        return new Param(name, Place.QUERY, Kind.TEXT, target, meaning);
    }

    static Param flag(String name, Place place, String target, String meaning) {
        return new Param(name, place, Kind.FLAG, target, meaning);
    }

    static Param field(String name, Kind kind, String target, String meaning) {
        return new Param(name, Place.FIELD, kind, target, meaning);
    }

    /** Whether it is said by its place. */
    boolean positional() {
        return !name.startsWith("--");
    }

    /** As a line of usage has it. */
    String usage() {
        if (kind == Kind.WORDS) {
            return "[" + name + "...]";
        }
        return switch (positional() ? Kind.WORDS : kind) {
            case WORDS -> name;
            case FLAG -> "[" + name + "]";
            case NUMBER -> "[" + name + " N]";
            case NUMBERS -> "[" + name + " N,N,...]";
            case PAIR -> "[" + name + " NAME=VALUE]";
            case FILE -> "[" + name + " FILE]";
            case TEXT -> "[" + name + " TEXT]";
        };
    }
}
