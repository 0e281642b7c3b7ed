package dev.caravan.gateway.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.gateway.auth.PasswordChecks.Result;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PasswordChecksTest {

    private static final PasswordHash SLOW = PasswordHash.parse(BasicAuthTest.HASH.replace("$05$", "$11$"));
    private static final PasswordHash QUICK = PasswordHash.parse(BasicAuthTest.HASH);

    private final PasswordChecks checks = new PasswordChecks(new Guesses(() -> Instant.EPOCH));

    @AfterEach
    void close() {
        checks.close();
    }

    @Test
    void theSameCredentialsAreCheckedOnceForAllWhoWait() {
        CompletableFuture<Result> first = check("ann", SLOW, "wrong", "a");

        for (int i = 0; i < 50; i++) {
            assertThat(check("ann", SLOW, "wrong", "b" + i)).isSameAs(first);
        }
        assertThat(first.join()).isEqualTo(Result.WRONG);
        await("a wrong one is not remembered").until(() -> check("ann", SLOW, "wrong", "a") != first);
    }

    @Test
    void anotherHashIsAnotherCheck() {
        CompletableFuture<Result> before = check("ann", SLOW, "correct horse", "a");

        CompletableFuture<Result> after = check("ann", QUICK, "correct horse", "a");

        assertThat(after.join()).isEqualTo(Result.RIGHT);
        assertThat(before.join()).isEqualTo(Result.WRONG);
    }

    @Test
    void whatWaitsIsBounded() {
        var all = new ArrayList<CompletableFuture<Result>>();
        for (int i = 0; i < 200; i++) {
            all.add(check("ann" + i, SLOW, "wrong", "address-" + i));
        }

        assertThat(all)
                .filteredOn(CompletableFuture::isDone)
                .extracting(CompletableFuture::join)
                .filteredOn(Result.BUSY::equals)
                .hasSizeGreaterThan(50);
    }

    private CompletableFuture<Result> check(String credentials, PasswordHash hash, String password, String address) {
        return checks.check(ByteBuffer.wrap(credentials.getBytes(UTF_8)), hash, password.getBytes(UTF_8), address);
    }
}
