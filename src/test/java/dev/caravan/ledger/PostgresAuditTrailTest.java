package dev.caravan.ledger;

import dev.caravan.testing.PostgresServer;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;

/** The same on a shared database. */
class PostgresAuditTrailTest extends AuditTrailTest {

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
    Ledger ledger() {
        return Ledger.shared(url, PostgresServer.USER, PostgresServer.PASSWORD, InstantSource.system());
    }
}
