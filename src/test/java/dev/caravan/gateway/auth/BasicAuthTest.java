package dev.caravan.gateway.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.gateway.auth.Verdict.Passed;
import dev.caravan.gateway.auth.Verdict.Refusal;
import dev.caravan.gateway.auth.Verdict.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("NullAway.Init") // each test makes its own
class BasicAuthTest {

    private static final Verdict WRONG = new Refused(Refusal.WRONG);
    private static final Verdict TOO_MANY = new Refused(Refusal.TOO_MANY);

    /** {@code correct horse}, at a cost that tests can afford. */
    static final String HASH = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";

    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;
    private BasicAuth auth;

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        if (auth != null) {
            auth.close();
        }
    }

    @Test
    void theFirstStartMakesAPasswordThatOnlyTheOwnerCanRead() throws Exception {
        Path secrets = folder.resolve("secrets");

        auth = BasicAuth.in(secrets, clock, "openfaas-fn");

        String password =
                Files.readString(secrets.resolve("basic-auth-password")).strip();
        assertThat(password).matches("[A-Za-z0-9_-]{32}");
        assertThat(mode(secrets)).isEqualTo("rwx------");
        assertThat(mode(secrets.resolve("basic-auth-password"))).isEqualTo("rw-------");
        assertThat(judge("admin:" + password)).isEqualTo(passed("admin", Role.ADMIN));
        auth.close();
        auth = BasicAuth.in(secrets, clock, "openfaas-fn");
        assertThat(judge("admin:" + password)).as("the next start keeps it").isEqualTo(passed("admin", Role.ADMIN));
    }

    @Test
    void whitespaceAroundTheFilesContentsDoesNotCount() throws Exception {
        given("  root \n", "pass word\r\n");

        assertThat(judge("root:pass word")).isEqualTo(passed("root", Role.ADMIN));
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void everythingElseIsWrong(boolean withUsers) throws Exception {
        if (withUsers) {
            users("ann:viewer:" + HASH);
        }
        given("admin", "secret");

        assertThat(auth.judge(null, "a").join()).isEqualTo(WRONG);
        for (String header : new String[] {"", "Basic", "Basic ", "Basic %%%", "Bearer ", "Bearer abc", "Basic YWJj"}) {
            assertThat(auth.judge(header, "a").join()).as(header).isEqualTo(WRONG);
        }
        for (String credentials : new String[] {
            "admin:secret ",
            "admin:",
            ":",
            "Admin:secret",
            "admin",
            ":correct horse",
            "ann:",
            "Ann:correct horse",
            "ann:correct horse\0",
            "ann:correct",
            "ann:correct horse:",
            "bob:correct horse"
        }) {
            assertThat(judge(credentials)).as(credentials).isEqualTo(WRONG);
        }
        assertThat(auth.judge("basic " + basic("admin:secret").substring(6), "a")
                        .join())
                .isEqualTo(passed("admin", Role.ADMIN));
    }

    @Test
    void usersHaveTheRoleOfTheirLine() throws Exception {
        users(
                "# people",
                "",
                " ann : viewer : " + HASH + " ",
                "bob:operator:" + HASH.replace("$2y$", "$2a$"),
                "äx:admin:" + HASH.replace("$2y$", "$2b$"));
        given("admin", "secret");

        for (int i = 0; i < 2; i++) {
            assertThat(judge("ann:correct horse")).isEqualTo(passed("ann", Role.VIEWER));
            assertThat(judge("bob:correct horse")).isEqualTo(passed("bob", Role.OPERATOR));
            assertThat(judge("äx:correct horse")).isEqualTo(passed("äx", Role.ADMIN));
        }
        assertThat(judge("admin:secret")).isEqualTo(passed("admin", Role.ADMIN));
        assertThat(judge("admin:correct horse")).isEqualTo(WRONG);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ann:viewer                        | a line must be name:role:bcrypt",
                "hunter2                           | a line must be name:role:bcrypt",
                "ann:viewer:HASH:x                 | a line must be name:role:bcrypt",
                ":viewer:HASH                      | the name must have 1 to 100 characters, none of them a control character",
                "ann:boss:HASH                     | the role must be viewer, operator or admin",
                "ann:Viewer:HASH                   | the role must be viewer, operator or admin",
                "ann:public:HASH                   | the role must be viewer, operator or admin",
                "ann:admin[a]:HASH                 | an admin sees everything: only viewer and operator can be limited",
                "ann:viewer[A]:HASH                | in the brackets behind a role stand names of functions, as shop-* or *.team-a, and -bodies, with blanks between them",
                "ann:viewer:hunter2                | the third part must be a bcrypt hash: $2a$, $2b$ or $2y$, 60 characters",
                "bob:viewer:HASH                   | this name stands in the file already",
                "root:viewer:HASH                  | this name is the one of basic-auth-user already"
            })
    void aLineThatMakesNoSenseIsRefusedWithItsPlaceAndWithoutItsText(String line, String reason) throws Exception {
        users("# people", "bob:operator:" + HASH, line.replace("HASH", HASH));

        assertThatThrownBy(() -> given("root", "secret"))
                .isInstanceOf(IOException.class)
                .hasMessage(folder.resolve("users") + ":3: " + reason)
                .message()
                .doesNotContain("hunter2", HASH);
    }

    @Test
    void anEditCountsWithinAMomentAndABrokenOneChangesNothing() throws Exception {
        given("admin", "secret");
        assertThat(judge("ann:correct horse")).isEqualTo(WRONG);

        users("ann:viewer:" + HASH);
        awaitVerdict("ann:correct horse", passed("ann", Role.VIEWER));

        users("ann:operator:" + HASH, "bob:viewer:" + HASH);
        awaitVerdict("ann:correct horse", passed("ann", Role.OPERATOR));
        assertThat(judge("bob:correct horse")).isEqualTo(passed("bob", Role.VIEWER));

        users("ann:boss:" + HASH);
        Files.writeString(folder.resolve("next"), "carl:viewer:" + HASH);
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(20))
                .until(() -> judge("ann:correct horse").equals(passed("ann", Role.OPERATOR)));

        Files.move(folder.resolve("next"), folder.resolve("users"), StandardCopyOption.REPLACE_EXISTING);
        awaitVerdict("carl:correct horse", passed("carl", Role.VIEWER));
        assertThat(judge("ann:correct horse"))
                .as("remembered, but no user any more")
                .isEqualTo(WRONG);

        Files.delete(folder.resolve("users"));
        awaitVerdict("carl:correct horse", WRONG);
    }

    @Test
    void whoWasRightIsAnsweredAtOnceFromThenOn() throws Exception {
        users("ann:viewer:" + HASH);
        given("admin", "secret");
        assertThat(judge("ann:correct horse")).isEqualTo(passed("ann", Role.VIEWER));

        now = now.plus(Duration.ofMinutes(5)).minusMillis(1);
        assertThat(auth.judge(basic("ann:correct horse"), "a")).isCompleted();
    }

    @Test
    void guessingIsSlowedDownForTheOneWhoGuesses() throws Exception {
        given("admin", "secret");
        for (int i = 0; i < 30; i++) {
            assertThat(judge("admin:" + i)).isEqualTo(WRONG);
        }

        assertThat(judge("admin:31")).isEqualTo(TOO_MANY);
        assertThat(auth.judge(basic("admin:1"), "another").join()).isEqualTo(WRONG);
        assertThat(judge("admin:secret")).isEqualTo(passed("admin", Role.ADMIN));
        now = now.plus(Duration.ofSeconds(61));
        assertThat(judge("admin:32")).isEqualTo(WRONG);
    }

    @Test
    void fromWhereManyGuessedOnePasswordASecondIsStillLookedAt() throws Exception {
        users("ann:viewer:" + HASH, "bob:operator:" + HASH);
        given("admin", "secret");
        assertThat(judge("bob:correct horse")).isEqualTo(passed("bob", Role.OPERATOR));
        for (int i = 0; i < 30; i++) {
            assertThat(judge("ann:" + i)).isEqualTo(WRONG);
        }

        assertThat(judge("ann:correct horse")).as("not looked at").isEqualTo(TOO_MANY);
        assertThat(judge("bob:correct horse")).as("remembered").isEqualTo(passed("bob", Role.OPERATOR));
        now = now.plusSeconds(1);
        assertThat(judge("ann:30")).as("looked at, and wrong").isEqualTo(TOO_MANY);
        assertThat(judge("ann:correct horse")).as("not looked at").isEqualTo(TOO_MANY);
        now = now.plusSeconds(1);
        assertThat(judge("ann:correct horse")).isEqualTo(passed("ann", Role.VIEWER));
    }

    @Test
    void oneAddressHasOnlyAFewPasswordsCheckedAtOnceAndOthersComeThrough() throws Exception {
        users("ann:viewer:" + HASH.replace("$05$", "$12$"), "bob:viewer:" + HASH);
        given("admin", "secret");
        var guesses = new ArrayList<CompletableFuture<Verdict>>();
        for (int i = 0; i < 20; i++) {
            guesses.add(auth.judge(basic("ann:" + i), "bad"));
        }

        assertThat(auth.judge(basic("bob:correct horse"), "good").get(20, TimeUnit.SECONDS))
                .isEqualTo(passed("bob", Role.VIEWER));
        assertThat(guesses.stream().map(CompletableFuture::join))
                .contains(WRONG, new Refused(Refusal.BUSY))
                .filteredOn(WRONG::equals)
                .hasSizeBetween(8, 19);
    }

    @Test
    void aStrangerCostsAsMuchAsAWrongPassword() throws Exception {
        users("ann:viewer:" + HASH.replace("$05$", "$11$"), "bob:viewer:" + HASH);
        given("admin", "secret");
        judge("ann:warm-up");

        long known = nanos(() -> judge("ann:wrong"));
        long stranger = nanos(() -> judge("nobody:wrong"));
        long admin = nanos(() -> judge("admin:wrong"));

        // Within a factor that a busy machine leaves standing; without the check it would be a thousand.
        assertThat((double) stranger / known).isBetween(0.1, 10.0);
        assertThat((double) admin / known).isBetween(0.1, 10.0);
    }

    private static long nanos(Runnable work) {
        long begun = System.nanoTime();
        work.run();
        return System.nanoTime() - begun;
    }

    private void awaitVerdict(String credentials, Verdict verdict) {
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            now = now.plusSeconds(61);
            return judge(credentials).equals(verdict);
        });
    }

    private static Verdict passed(String name, Role role) {
        return new Passed(new Caller(name, role));
    }

    private Verdict judge(String credentials) {
        return auth.judge(basic(credentials), "a")
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    private void given(String user, String password) throws IOException {
        Files.writeString(folder.resolve("basic-auth-user"), user);
        Files.writeString(folder.resolve("basic-auth-password"), password);
        auth = BasicAuth.in(folder, clock, "openfaas-fn");
    }

    private void users(String... lines) throws IOException {
        Files.write(folder.resolve("users"), List.of(lines));
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static String basic(String credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    }
}
