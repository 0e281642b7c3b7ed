package dev.caravan.ledger;

import java.sql.SQLException;

/** Another process has changed the same rows since they were read: what was decided on them must be decided again. */
final class OutrunException extends SQLException {

    private static final long serialVersionUID = 1L;

    OutrunException(String message) {
        super(message);
    }
}
