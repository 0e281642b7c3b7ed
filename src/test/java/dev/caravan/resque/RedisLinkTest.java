package dev.caravan.resque;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.RedisServer;
import dev.caravan.testing.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Protocol.Command;

/** Who signs in and where, on real servers. */
@Timeout(120)
class RedisLinkTest {

    @TempDir
    Path folder;

    private static RedisLink link(String address) {
        return new RedisLink(RedisAddress.parse(address), "test");
    }

    @Test
    void aUserOfTheAccessListSignsInWithItsPassword() {
        try (RedisServer redis = RedisServer.start(folder)) {
            redis.ask("ACL", "SETUSER", "worker", "on", ">p@ss", "~resque:*", "&*", "+@all");
            redis.ask("ACL", "SETUSER", "default", "off");
            String host = "127.0.0.1:" + redis.port();

            try (RedisLink good = link("redis://worker:p%40ss@" + host + "/0");
                    RedisLink bad = link("redis://worker:hunter2@" + host)) {
                assertThat(RedisLink.text(good.ask(Command.ACL, "WHOAMI"))).isEqualTo("worker");
                assertThatThrownBy(() -> bad.ask(Command.PING))
                        .isInstanceOf(RedisException.class)
                        .message()
                        .doesNotContain("hunter2");
            }
        }
    }

    @Test
    void anotherDatabaseIsAnotherPlace() {
        try (RedisServer redis = RedisServer.start(folder);
                RedisLink third = link("redis://127.0.0.1:" + redis.port() + "/3")) {
            third.ask(Command.SET, "where", "third");

            assertThat(redis.ask("GET", "where")).isNull();
            redis.ask("SELECT", "3");
            assertThat(redis.text("GET", "where")).isEqualTo("third");
        }
    }

    @Test
    void whoIsNotThereIsSaidInOneLineAndFoundWhenItComes() throws Exception {
        try (RedisServer redis = RedisServer.start(folder);
                RedisLink link = link(redis.url())) {
            redis.kill();
            assertThatThrownBy(() -> link.ask(Command.PING))
                    .isInstanceOfSatisfying(
                            RedisException.class, e -> assertThat(e.away()).isTrue())
                    .hasMessageStartingWith("Redis at redis://127.0.0.1:" + redis.port() + "/0 does not answer: ")
                    .message()
                    .doesNotContain("\n");
            redis.restart();

            assertThat(RedisLink.text(link.ask(Command.PING))).isEqualTo("PONG");
        }
    }

    @Test
    void overTlsTheAuthorityAndTheNameAreChecked() throws Exception {
        TestCertificate certificate = TestCertificate.in(folder.resolve("certificates"));
        Path nonsense = Files.writeString(folder.resolve("nonsense"), "no certificate");
        try (RedisServer redis = RedisServer.overTls(folder.resolve("redis"), certificate)) {
            RedisAddress address = RedisAddress.parse("rediss://127.0.0.1:" + redis.port());
            RedisAddress ours = address.withAuthority(certificate.authority());
            RedisAddress byAnotherName =
                    RedisAddress.parse("rediss://localhost:" + redis.port()).withAuthority(certificate.authority());
            try (var good = new RedisLink(ours, "test");
                    var unknown = new RedisLink(address, "test");
                    var misnamed = new RedisLink(byAnotherName, "test");
                    var plain = link("redis://127.0.0.1:" + redis.port())) {
                assertThat(RedisLink.text(good.ask(Command.PING))).isEqualTo("PONG");
                for (RedisLink refused : List.of(unknown, misnamed, plain)) {
                    assertThatThrownBy(() -> refused.ask(Command.PING)).isInstanceOf(RedisException.class);
                }
            }
            assertThatThrownBy(() -> address.withAuthority(nonsense))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(nonsense + " holds no certificate");
        }
    }

    /** Three Sentinels, a master and a replica; the master is killed. */
    @Test
    void sentinelsSayWhoTheMasterIsAndWhoComesAfterIt() throws Exception {
        try (RedisServer master = RedisServer.start(folder.resolve("master"));
                RedisServer replica =
                        RedisServer.start(folder.resolve("replica"), "--replicaof", "127.0.0.1 " + master.port())) {
            List<RedisServer> sentinels = new ArrayList<>();
            try {
                for (int i = 0; i < 3; i++) {
                    sentinels.add(RedisServer.sentinel(folder.resolve("sentinel-" + i), master.port()));
                }
                String hosts = sentinels.stream()
                        .map(sentinel -> "127.0.0.1:" + sentinel.port())
                        .collect(Collectors.joining(","));
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> sentinels.stream()
                                .allMatch(sentinel -> knows(sentinel, "num-other-sentinels", "2")
                                        && knows(sentinel, "num-slaves", "1")));
                try (RedisLink link = link("redis+sentinel://127.0.0.1:1," + hosts + "/main")) {
                    link.ask(Command.SET, "word", "kept");
                    await().atMost(Duration.ofSeconds(60)).until(() -> "kept".equals(replica.text("GET", "word")));
                    master.kill();
                    await().atMost(Duration.ofSeconds(90)).ignoreExceptions().until(() -> {
                        link.ask(Command.SET, "word", "new");
                        return true;
                    });

                    // It drops its connections when it becomes the master.
                    await().atMost(Duration.ofSeconds(60))
                            .ignoreExceptions()
                            .untilAsserted(() ->
                                    assertThat(replica.text("GET", "word")).isEqualTo("new"));
                }
            } finally {
                sentinels.forEach(RedisServer::close);
            }
        }
    }

    private static boolean knows(RedisServer sentinel, String what, String value) {
        List<String> master = sentinel.list("SENTINEL", "MASTER", "main");
        return master.indexOf(what) >= 0 && master.get(master.indexOf(what) + 1).equals(value);
    }
}
