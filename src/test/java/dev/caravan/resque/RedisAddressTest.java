package dev.caravan.resque;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.resque.RedisAddress.Host;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {

    @Test
    void everyPartIsRead() {
        assertThat(RedisAddress.parse("redis://localhost"))
                .isEqualTo(new RedisAddress(false, List.of(new Host("localhost", 6379)), null, null, null, 0));
        assertThat(RedisAddress.parse("rediss://me:p%40s+s@redis:6380/3"))
                .isEqualTo(new RedisAddress(true, List.of(new Host("redis", 6380)), null, "me", "p@s+s", 3));
        assertThat(RedisAddress.parse("redis://:secret@[::1]:7/"))
                .isEqualTo(new RedisAddress(false, List.of(new Host("::1", 7)), null, null, "secret", 0));
        assertThat(RedisAddress.parse("redis+sentinel://me:pw@a,b:5/mymaster/2"))
                .isEqualTo(new RedisAddress(
                        false, List.of(new Host("a", 26_379), new Host("b", 5)), "mymaster", "me", "pw", 2));
        assertThat(RedisAddress.parse("rediss+sentinel://a/m").master()).isEqualTo("m");
    }

    /** As $REDIS_URL is often written: without a user name, goworker and others take what stands there as the password. */
    @Test
    void whatStandsAloneBeforeTheHostIsThePassword() {
        assertThat(RedisAddress.parse("redis://secret@h"))
                .returns("secret", RedisAddress::password)
                .returns(null, RedisAddress::user);
    }

    @Test
    void noPasswordIsShown() {
        assertThat(RedisAddress.parse("rediss://me:hunter2@redis:6380/3")).hasToString("rediss://redis:6380/3");
        assertThat(RedisAddress.parse("redis+sentinel://me:hunter2@a,b/m/1"))
                .hasToString("redis+sentinel://a:26379,b:26379/m/1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost:6379",
                "http://x",
                "redis://a,b/0",
                "redis://x/hunter2",
                "redis+sentinel://a,b",
                "redis://hunter2@"
            })
    void whatIsNoAddressIsRefusedWithoutRepeatingIt(String text) {
        assertThatThrownBy(() -> RedisAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("hunter2");
    }
}
