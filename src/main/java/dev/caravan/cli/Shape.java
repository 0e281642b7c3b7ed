package dev.caravan.cli;

import java.util.List;

/**
 * What an answer looks like to a person.
 *
 * @param rows the field of the answer with the rows; empty when the answer is the array
 * @param columns names of fields
 */
record Shape(Kind kind, String rows, List<String> columns) {

    enum Kind {
        TABLE,
        /** A field a line, and tables for what has rows. */
        RECORD,
        /** As it comes. */
        RAW,
        /** A function's log: its text, line by line. */
        LOG
    }

    static final Shape RECORD = new Shape(Kind.RECORD, "", List.of());
    static final Shape RAW = new Shape(Kind.RAW, "", List.of());
    static final Shape LOG = new Shape(Kind.LOG, "", List.of());

    static Shape table(String rows, String... columns) {
        return new Shape(Kind.TABLE, rows, List.of(columns));
    }
}
