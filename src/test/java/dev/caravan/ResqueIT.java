package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testing.CaravanProcessFixture;
import dev.caravan.testing.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Caravan as a worker of a real Resque: jobs become calls, and whatever is killed, none is lost. */
class ResqueIT extends CaravanProcessFixture {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int JOBS = 100;

    @SuppressWarnings("NullAway.Init") // settings() is asked first
    private RedisServer redis;

    @Override
    protected Map<String, String> settings() {
        redis = RedisServer.start(folder.resolve("redis"));
        copy(Path.of("routes"), routes());
        return Map.of(
                "CARAVAN_REDIS_URL",
                redis.url(),
                "CARAVAN_RESQUE_FUNCTIONS",
                "Mailer=mail",
                "CARAVAN_ROUTES",
                routes().toString());
    }

    private Path routes() {
        return folder.resolve("routes");
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    /** Notes what each run is told. */
    private void deployNoting(String name, String then) throws Exception {
        write(name, then);
        caravan.deploy(
                name,
                "sh " + folder.resolve(name + ".sh"),
                Map.of(),
                Map.of("com.openfaas.retry.attempts", "1", "com.openfaas.retry.min_wait", "200ms"));
        caravan.awaitReplica(name);
    }

    private void write(String name, String then) throws IOException {
        String note = "echo \"$Http_X_Resque_Class $Http_X_Resque_Queue $Http_X_Call_Id $body\" >> " + notes();
        Files.writeString(folder.resolve(name + ".sh"), "body=$(cat)\n" + note + "\n" + then + "\n");
    }

    private Path notes() {
        return folder.resolve("notes");
    }

    private List<String> noted() throws IOException {
        return Files.exists(notes()) ? Files.readAllLines(notes()) : List.of();
    }

    private void push(String queue, String className, String args) {
        redis.ask("SADD", "resque:queues", queue);
        redis.ask("RPUSH", "resque:queue:" + queue, "{\"class\":\"" + className + "\",\"args\":" + args + "}");
    }

    private void pushNumbered() {
        IntStream.range(0, JOBS).forEach(i -> push("q", "Hello", "[" + i + "]"));
    }

    private void awaitProcessed(long count) {
        slowly().untilAsserted(() ->
                assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(count));
    }

    private List<JsonNode> failed() throws IOException {
        var records = new ArrayList<JsonNode>();
        for (String text : redis.list("LRANGE", "resque:failed", "0", "-1")) {
            records.add(JSON.readTree(text));
        }
        return records;
    }

    private JsonNode failed(String className) throws IOException {
        return failed().stream()
                .filter(record -> record.path("payload").path("class").asText().equals(className))
                .findFirst()
                .orElseThrow();
    }

    /** Whose arguments are numbers, each noted once at least. */
    private void assertAllDone() throws IOException {
        assertThat(noted().stream()
                        // One that was killed before it had read anything has noted nothing.
                        .filter(line -> line.endsWith("]"))
                        .map(line -> Integer.valueOf(line.replaceAll(".*\\[(\\d+)]", "$1")))
                        .collect(Collectors.toSet()))
                .hasSize(JOBS);
        assertThat(redis.number("LLEN", "resque:queue:q")).isZero();
        assertThat(redis.number("HLEN", "resque:caravan:handed")).isZero();
        assertThat(failed()).isEmpty();
    }

    @Test
    void aJobIsACallOfItsClasssFunctionAndEndsAsTheCallDoes() throws Exception {
        deployNoting("billing-charge", "true");
        deployNoting("mail", "echo no room; exit 1");

        assertThat(caravan.post(
                                "/resque/low",
                                "{\"class\":\"Billing::Charge\",\"args\":[12345678901234567890,{\"a\":1.10}]}")
                        .statusCode())
                .isEqualTo(202);
        push("low", "Mailer", "[]");
        push("low", "Nobody", "[]");
        awaitProcessed(3);

        assertThat(noted())
                .anySatisfy(line -> assertThat(line)
                        .matches("Billing::Charge low [0-9a-f-]{36} \\[12345678901234567890,\\{\"a\":1.10}]"));
        JsonNode dead = caravan.get("/system/dead-letters").path("items").get(0);
        assertThat(failed()).hasSize(2);
        JsonNode mail = failed("Mailer");
        assertThat(mail.path("exception").asText()).isEqualTo("Caravan::AttemptsExhausted");
        assertThat(mail.path("callId").asText()).isEqualTo(dead.path("callId").asText());
        assertThat(mail.path("attempt").asInt()).isEqualTo(2);
        assertThat(mail.path("httpStatus").asInt()).isEqualTo(500);
        assertThat(mail.path("backtrace")).hasSize(2);
        assertThat(mail.path("worker").asText()).matches("[^:]+-caravan:\\d+-\\d+:\\*");
        assertThat(failed("Nobody").path("error").asText()).contains("\"nobody.openfaas-fn\" is not deployed");
        assertThat(redis.number("GET", "resque:stat:failed")).isEqualTo(2);

        // As resque-web's Retry does.
        write("mail", "true");
        push("low", "Mailer", "[]");
        awaitProcessed(4);
        assertThat(failed()).hasSize(2);

        assertThat(caravan.terminate().code()).isLessThan(256);
        // Who is dead, for the next start to look after.
        assertThat(redis.list("KEYS", "resque:caravan:*")).containsExactly("resque:caravan:dead");
        assertThat(redis.list("SMEMBERS", "resque:workers")).isEmpty();
    }

    @Test
    void theProcessEndsWellWhenARouteIsToEndItAndTheQueuesAreEmpty() throws Exception {
        deployNoting("hello", "true");
        assertThat(caravan.terminate().code()).isLessThan(256);
        Path file = routes().resolve("bridge/take-resque-job.camel.yaml");
        // As goworker's -exit-on-complete.
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("      parameters:\n", "      parameters:\n        exitOnComplete: true\n"));
        IntStream.range(0, 10).forEach(i -> push("q", "Hello", "[" + i + "]"));

        assertThat(caravan.startSecond().code()).isZero();

        assertThat(redis.number("GET", "resque:stat:processed")).isEqualTo(10);
        assertThat(redis.number("EXISTS", "resque:queue:q", "resque:failed", "resque:caravan:handed"))
                .isZero();
        assertThat(redis.number("SCARD", "resque:workers")).isZero();
    }

    @Test
    void noJobIsLostWhenCaravanIsKilled() throws Exception {
        deployNoting("hello", "sleep 0.02");
        pushNumbered();
        slowly().until(() -> noted().size() >= JOBS / 4);
        caravan.kill();
        caravan.restart();
        awaitProcessed(JOBS);

        assertAllDone();
        assertThat(redis.number("SCARD", "resque:workers")).isEqualTo(25);
    }

    /** At once, so that jobs are in the hands of the process that is killed, and no calls in its queue. */
    @Test
    void noJobIsLostWhenCaravanIsKilledWhileItIsAtThem() throws Exception {
        deployNoting("hello", "sleep 0.02");
        assertThat(caravan.terminate().code()).isLessThan(256);
        Path file = routes().resolve("bridge/take-resque-job.camel.yaml");
        Files.writeString(file, Files.readString(file).replace("uri: direct:queue-call", "uri: function:*"));
        caravan.restart();
        caravan.awaitReplica("hello");
        pushNumbered();
        slowly().until(() -> noted().size() >= JOBS / 4);
        caravan.kill();
        assertThat(redis.list("KEYS", "resque:caravan:inflight:*")).hasSize(1);
        caravan.restart();
        awaitProcessed(JOBS);

        assertAllDone();
        assertThat(redis.list("KEYS", "resque:caravan:inflight:*")).isEmpty();
    }

    @Test
    void noJobIsLostWhenRedisIsKilledAndComesBack() throws Exception {
        deployNoting("hello", "sleep 0.02");
        pushNumbered();
        slowly().until(() -> noted().size() >= JOBS / 4);
        redis.kill();
        // Calls go on and end meanwhile.
        int then = noted().size();
        slowly().until(() ->
                noted().size() >= Math.min(JOBS, then + 1) || calls().equals(Map.of("succeeded", (long) then)));
        redis.restart();
        awaitProcessed(JOBS);

        assertAllDone();
    }
}
