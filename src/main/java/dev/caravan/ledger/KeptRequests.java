package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** What calls were sent with, wherever the ledger has it. May be called from any thread. */
public final class KeptRequests {

    private final Database database;

    KeptRequests(Database database) {
        this.database = database;
    }

    /**
     * Of a call in its present generation; empty when the ledger does not have it.
     *
     * @throws LedgerException while the database fails
     */
    public Optional<KeptRequest> find(CallStatus call) {
        return database.read(connection -> find(connection, call.callId(), call.generation(), call.state()));
    }

    private static Optional<KeptRequest> find(Connection connection, CallId id, int generation, CallState state)
            throws SQLException {
        if (state == CallState.DEAD) {
            DeadLetterContent content = DeadLetterTable.content(connection, DeadLetter.idOf(id, generation));
            return Optional.ofNullable(content)
                    .map(letter -> new KeptRequest(
                            letter.headers(), letter.body(), letter.bodyReference(), KeptRequest.Place.LETTER));
        }
        return state.terminal()
                ? ResultTable.findRequest(connection, id, generation)
                : LineTable.find(connection, id, generation)
                        .map(lined -> new KeptRequest(
                                lined.headers(), lined.body(), lined.bodyReference(), KeptRequest.Place.LINE));
    }
}
