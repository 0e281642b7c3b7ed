package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.PostgresServer;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator reads of a PostgreSQL that cannot be used: one line, and no password in it. */
@Timeout(60)
class PostgresAddressTest {

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db/c, jdbc:postgresql://db/c,",
        "jdbc:postgresql://db/c?user=me&password=p%26ss, jdbc:postgresql://db/c?user=me, p&ss",
        "jdbc:postgresql://db/c?password=100%, jdbc:postgresql://db/c, 100%",
        "jdbc:postgresql://db/c?password=a&ssl=true, jdbc:postgresql://db/c?ssl=true, a"
    })
    void aPasswordIsTakenOutOfTheUrl(String given, String url, String password) {
        PostgresAddress address = PostgresAddress.of(given, null, null);

        assertThat(address.url()).isEqualTo(url);
        assertThat(address.password()).isEqualTo(password);
        assertThat(address).hasToString("jdbc:postgresql://db/c");
    }

    @Test
    void theFileWinsOverTheUrl() {
        assertThat(PostgresAddress.of("jdbc:postgresql://db/c?password=a", "me", "b"))
                .isEqualTo(new PostgresAddress("jdbc:postgresql://db/c", "me", "b"));
    }

    @Test
    void aServerThatIsNotThereIsSaid() throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + CaravanProcess.freePort() + "/caravan";

        refuses(url + "?password=a-secret", "cannot open the database at CARAVAN_DATABASE_URL (" + url + "): ");
    }

    @Test
    void anAddressThatTheDriverDoesNotTakeIsSaid() {
        refuses(
                "jdbc:postgresql://db:port/caravan?password=a-secret",
                "CARAVAN_DATABASE_URL is no address of a PostgreSQL (jdbc:postgresql://db:port/caravan): write it as");
    }

    @Test
    void aWrongPasswordIsSaidWithoutIt() {
        String url = PostgresServer.shared().freshDatabase();

        refuses(
                url + "?user=" + PostgresServer.USER + "&password=a-secret",
                "cannot open the database at CARAVAN_DATABASE_URL (" + url
                        + "): FATAL: password authentication failed for user \"caravan\"");
    }

    private static void refuses(String url, String start) {
        try (var ledger = Ledger.shared(url, null, null, InstantSource.system())) {
            assertThatThrownBy(ledger::open)
                    .isInstanceOf(LedgerException.class)
                    .hasMessageStartingWith(start)
                    .hasMessageNotContaining("\n")
                    .hasMessageNotContaining("a-secret")
                    .satisfies(e -> {
                        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                            assertThat(cause).hasMessageNotContaining("a-secret");
                        }
                    });
        }
    }
}
