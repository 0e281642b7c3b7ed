package dev.caravan.ledger;

import dev.caravan.testing.PostgresServer;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;

/** The same on a shared database. */
class PostgresLetterSearchTest extends LetterSearchTest {

    private String url;

    @Override
    @BeforeEach
    void open() {
        if (url == null) {
            url = PostgresServer.shared().freshDatabase();
        }
        super.open();
    }

    @Override
    Ledger ledger(InstantSource clock) {
        return Ledger.shared(url, PostgresServer.USER, PostgresServer.PASSWORD, clock);
    }

    @Override
    void beforePlanning(Statement session) throws SQLException {
        session.execute("SET LOCAL enable_seqscan = off");
    }
}
