package dev.caravan.letters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.SearchText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real shell runs the scripts; in place of curl something writes down what it was called with. */
@SuppressWarnings("NullAway.Init") // made before each test
class LetterScriptTest {

    private static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");

    @TempDir
    Path folder;

    private LetterScript scripts;

    @BeforeEach
    void putCurlThere() throws IOException {
        var files = new BodyFiles(folder.resolve("bodies"));
        var messages = new CallMessages(files, "ns", Duration.ofHours(1), 1 << 20, InstantSource.fixed(NOON));
        scripts = new LetterScript(messages, new LetterBody(files));
        Path curl = folder.resolve("bin/curl");
        Files.createDirectories(curl.getParent());
        Files.writeString(curl, """
                #!/bin/sh
                printf '%s\\n' "$@" >> arguments
                cat > body
                """);
        Files.setPosixFilePermissions(curl, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void theCallIsMadeAsItWas() throws Exception {
        run(write(letter(
                "it's \"$(touch evil)\" `touch evil`\nand\\n more\n",
                Map.of(
                        "Content-Type",
                        List.of("text/plain"),
                        "X-Odd",
                        List.of("'; touch evil; '", "two  $HOME"),
                        "X-Empty",
                        List.of(""),
                        "Content-Length",
                        List.of("99"),
                        "X-Caravan-Depth",
                        List.of("1")))));

        assertThat(Files.readString(folder.resolve("body")))
                .isEqualTo("it's \"$(touch evil)\" `touch evil`\nand\\n more\n");
        assertThat(headers())
                .containsExactly(
                        "Content-Type: text/plain", "X-Empty:", "X-Odd: '; touch evil; '", "X-Odd: two  $HOME");
        assertThat(arguments()).endsWith("http://127.0.0.1:8080/async-function/f.ns/a%20b?x='1'&y=$2");
        assertThat(folder.resolve("evil")).doesNotExist();
    }

    @Test
    void aBodyThatIsNoTextComesOutAsItWas() throws Exception {
        var bytes = new byte[300];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }

        run(write(letter(bytes, Map.of())));

        assertThat(Files.readAllBytes(folder.resolve("body"))).isEqualTo(bytes);
        assertThat(headers()).as("nobody said what it is").containsExactly("Content-Type:");
    }

    @Test
    void aBodyLongerThanAnArgumentMayBeComesOutWhole() throws Exception {
        String long60 = "x".repeat(60 * 1024);

        run(write(letter(long60, Map.of())) + write(letter(long60 + "y", Map.of())));

        assertThat(Files.readString(folder.resolve("body"))).isEqualTo(long60 + "y");
    }

    @Test
    void aKeyIsAVariableAndTheScriptEndsWithoutIt() throws Exception {
        String script =
                write(letter("x", Map.of("authorization", List.of("Bearer s3cret"), "X-Api-Key", List.of("s3cret"))));

        assertThat(script).doesNotContain("s3cret");
        assertThat(start(script, Map.of("X_API_KEY", "k")).waitFor()).isNotZero();
        assertThat(folder.resolve("arguments")).doesNotExist();
        assertThat(start(script, Map.of("X_API_KEY", "k", "AUTHORIZATION", "Bearer o'ther", "LOGIN", "a:b c"))
                        .waitFor())
                .isZero();
        assertThat(headers()).contains("authorization: Bearer o'ther", "X-Api-Key: k");
        assertThat(arguments()).containsSequence("--user", "a:b c");
    }

    @Test
    void aCallbackIsLeftToItsLetter() throws Exception {
        Call call = call(QueueNames.CALLBACK_QUEUE, Map.of());
        String script = write(letter(call, "x".getBytes(StandardCharsets.UTF_8)));

        run(script);

        assertThat(script).contains("A callback: replay the letter itself");
        assertThat(folder.resolve("arguments")).doesNotExist();
    }

    private String write(DeadLetter letter) {
        return scripts.write(letter, name -> !SearchText.isSecret(name));
    }

    private void run(String script) throws Exception {
        assertThat(start(script, Map.of()).waitFor()).isZero();
    }

    private Process start(String script, Map<String, String> variables) throws Exception {
        Path file = Files.writeString(folder.resolve("calls.sh"), LetterScript.head() + script);
        var builder = new ProcessBuilder("sh", file.toString()).directory(folder.toFile());
        builder.environment().keySet().removeAll(List.of("CARAVAN", "LOGIN", "AUTHORIZATION", "X_API_KEY"));
        builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().putAll(variables);
        builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process;
    }

    private List<String> arguments() throws IOException {
        return Files.readAllLines(folder.resolve("arguments"));
    }

    private List<String> headers() throws IOException {
        String[] arguments = arguments().toArray(String[]::new);
        return Arrays.stream(arguments, 1, arguments.length)
                .filter(each -> arguments[Arrays.asList(arguments).indexOf(each) - 1].equals("--header"))
                .toList();
    }

    private static DeadLetter letter(String body, Map<String, List<String>> headers) {
        return letter(body.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static DeadLetter letter(byte[] body, Map<String, List<String>> headers) {
        return letter(call(QueueNames.DEFAULT_QUEUE, headers), body);
    }

    private static DeadLetter letter(Call call, byte[] body) {
        return new DeadLetter(
                DeadLetter.idOf(call.id(), 1),
                call.id(),
                1,
                call.queue(),
                QueueNames.deadLetters(call.queue(), call.function()),
                call.function(),
                DeadReason.REJECTED,
                400,
                "no\n$(touch evil)",
                "0",
                1,
                NOON,
                NOON,
                body.length,
                null,
                0,
                null,
                new DeadLetterContent(CallProperties.json(call, null), "[]", ByteBuffer.wrap(body), null));
    }

    private static Call call(String queue, Map<String, List<String>> headers) {
        @Nullable String none = null;
        return new Call(
                CallId.random(),
                new FunctionName("f", "ns"),
                "f",
                queue,
                "/a%20b",
                "x='1'&y=$2",
                headers,
                none,
                none,
                null,
                null,
                1,
                1,
                4,
                NOON,
                NOON.plusSeconds(60),
                List.of());
    }
}
