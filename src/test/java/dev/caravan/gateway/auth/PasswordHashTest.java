package dev.caravan.gateway.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hashes were made by {@code crypt(3)} of libxcrypt. */
class PasswordHashTest {

    private static final String SALT = "05$abcdefghijklmnopqrstuu";

    @ParameterizedTest
    @CsvSource({
        "$2a$, correct horse, HNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
        "$2b$, correct horse, HNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
        "$2y$, correct horse, HNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
        "$2b$, pässwörd, ZVEMa1pjhlynBQ1qXmSvGBJpN9h1w8G"
    })
    void whatOtherToolsHashedIsRecognised(String version, String password, String hash) {
        PasswordHash parsed = PasswordHash.parse(version + SALT + hash);

        assertThat(parsed.matches(password.getBytes(UTF_8))).isTrue();
        assertThat(parsed.matches((password + " ").getBytes(UTF_8))).isFalse();
        assertThat(parsed.matches(new byte[0])).isFalse();
        assertThat(parsed.cost()).isEqualTo(5);
    }

    @Test
    void only72BytesCountAsEverywhere() {
        PasswordHash of72 = PasswordHash.parse("$2y$" + SALT + "jf8SX2ahXLwp9w/B.Y5XdysS6yR576q");
        PasswordHash of71 = PasswordHash.parse("$2b$" + SALT + "fmnYtZf4/LVIEdk8v40tikf/KPsqQ4m");

        assertThat(of72.matches("x".repeat(72).getBytes(UTF_8))).isTrue();
        assertThat(of72.matches("x".repeat(80).getBytes(UTF_8))).isTrue();
        assertThat(of72.matches("x".repeat(71).getBytes(UTF_8))).isFalse();
        assertThat(of71.matches("x".repeat(71).getBytes(UTF_8))).isTrue();
        assertThat(of71.matches("x".repeat(72).getBytes(UTF_8))).isFalse();
    }

    @Test
    void aNewHashIsRecognisedAndEachIsDifferent() {
        byte[] password = "s3cret pässwörd".getBytes(UTF_8);

        String hash = PasswordHash.of(password);

        assertThat(hash).startsWith("$2b$10$").hasSize(60).isNotEqualTo(PasswordHash.of(password));
        assertThat(PasswordHash.parse(hash).matches(password)).isTrue();
        assertThat(PasswordHash.parse(PasswordHash.of("x".repeat(100).getBytes(UTF_8)))
                        .matches("x".repeat(100).getBytes(UTF_8)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hunter2",
                "$1$abc$hunter2",
                "$2x$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
                "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy",
                "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2x",
                "$2b$03$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
                "$2b$16$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"
            })
    void anythingElseIsNoHashAndIsNotRepeated(String text) {
        assertThatThrownBy(() -> PasswordHash.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("must .*")
                .message()
                .doesNotContain("hunter2", "HNbA");
    }

    @Test
    void nobodysHashTakesTheSameWorkAndPrintsAsLittle() {
        PasswordHash nobodys = PasswordHash.ofNobody(4);

        assertThat(nobodys.cost()).isEqualTo(4);
        assertThat(nobodys.matches("x".getBytes(UTF_8))).isFalse();
        assertThat(nobodys).hasToString("(hidden)");
    }
}
