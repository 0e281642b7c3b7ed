package dev.caravan.ledger;

import java.sql.SQLException;

/** A row that is over in the database was to be changed by who did not know: another node has ended it. */
final class StaleRowException extends SQLException {

    private static final long serialVersionUID = 1L;

    StaleRowException() {
        super("the call is over, another node has ended it");
    }
}
