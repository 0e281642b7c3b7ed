package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.PostgresServer;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;

/** The same on a shared database. */
class PostgresCallSearchTest extends CallSearchTest {

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

    /** Two thousand rows it would rather read and sort than look at any index. */
    @Override
    void beforePlanning(Statement session) throws SQLException {
        session.execute("SET LOCAL enable_seqscan = off");
    }

    /** Where it expects few rows of the index, its planner rather sorts those. */
    @Override
    void isReadInOrder(String plan) {
        assertThat(plan).contains("Index Scan").doesNotContain("Seq Scan");
    }
}
