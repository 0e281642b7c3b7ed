package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that lead to calls: each is one of its own, and they do not go round for ever. */
class ChainIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LIMIT = 6;

    private final TestServer server = TestServer.with("CARAVAN_CHAIN_DEPTH=" + LIMIT);

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** A function that notes its call id and depth, and posts to another one with both, as a client of OpenFaaS would. */
    private String forwarding(Path notes, String next) {
        String note = "echo \"$Http_X_Call_Id $Http_X_Caravan_Depth\" >>" + notes + "\n";
        String post = "curl -s -o /dev/null -w '%{http_code}\\n' -X POST -H \"X-Call-Id: $Http_X_Call_Id\""
                + " -H \"X-Caravan-Depth: $Http_X_Caravan_Depth\" "
                + server.url("/async-function/") + next + " >>" + notes + ".answers\n";
        return note + (next.isEmpty() ? "" : post);
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    @Test
    void functionsThatForwardTheCallIdMakeCallsOfTheirOwn() throws Exception {
        Path notes = server.folder().resolve("notes");
        String third = server.deployScript("third", forwarding(notes, ""));
        String second = server.deployScript("second", forwarding(notes, third));
        String first = server.deployScript("first", forwarding(notes, second));

        String id = server.callAsync(first, "x", "X-Call-Id", "chain-of-three");

        assertThat(id).isEqualTo("chain-of-three");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lines(notes)).hasSize(3));
        List<String> seen = lines(notes);
        assertThat(seen).extracting(line -> line.split(" ")[0]).doesNotHaveDuplicates();
        assertThat(seen.get(0)).isEqualTo(id + " 1");
        assertThat(seen).extracting(line -> line.split(" ")[1]).containsExactly("1", "2", "3");
        await().untilAsserted(() -> assertThat(server.calls("succeeded")).isEqualTo(3));
    }

    @Test
    void aFunctionThatCallsItselfForEverIsStopped() throws Exception {
        Path notes = server.folder().resolve("notes");
        String name = TestServer.freshName("itself");
        Path script = Files.writeString(server.folder().resolve("itself.sh"), forwarding(notes, name));
        server.deployAs(name, "sh " + script, java.util.Map.of());

        server.callAsync(name, "x");

        Path answers = Path.of(notes + ".answers");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lines(answers)).contains("508"));
        await().untilAsserted(() -> assertThat(server.calls("succeeded")).isEqualTo(LIMIT));
        assertThat(lines(notes)).hasSize(LIMIT);
        assertThat(server.calls()).isEqualTo(LIMIT);
    }

    /** Its answer asks for a callback to itself, which is a call, whose answer asks for a callback to itself… */
    @Test
    void aCallbackThatLeadsToItselfIsStopped() {
        String answers = server.deployAnswers();
        String itself = server.url("/async-function/" + answers + "/200?X-Callback-Url=same");

        server.callAsync(answers + "/200?X-Callback-Url=same", "x", "X-Callback-Url", itself);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(letters(answers)).hasSize(1));
        JsonNode letter = letters(answers).get(0);
        assertThat(letter.get("reason").asText()).isEqualTo("rejected");
        assertThat(letter.get("statusCode").asInt()).isEqualTo(508);
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
        assertThat(server.calls("succeeded")).isEqualTo(LIMIT);
        assertThat(server.calls()).isEqualTo(LIMIT);
        assertThat(server.invocations(answers, 200)).isEqualTo(LIMIT);
    }

    private JsonNode letters(String function) {
        return server.system("/system/dead-letters?queue=faas-callback&function=" + function)
                .json()
                .get("items");
    }

    @Test
    void aResultGoesOnToAnAsynchronousFunctionUnderAnIdOfItsOwn() throws Exception {
        Path notes = server.folder().resolve("notes");
        String second =
                server.deployScript("second", "echo \"$Http_X_Call_Id $Http_X_Caravan_Depth $(cat)\" >>" + notes);
        String first = server.deploy("first", "tr a-z A-Z");

        String id = server.callAsync(first, "hello", "X-Callback-Url", server.url("/async-function/" + second));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lines(notes)).hasSize(1));
        assertThat(lines(notes).get(0)).endsWith(" 2 HELLO").doesNotContain(id);
    }

    @Test
    void aDeepSynchronousCallIsRefusedInOneLine() {
        String echo = server.deploy("echo", "cat");

        Reply refused = server.post("/function/" + echo, "x", "X-Caravan-Depth", Integer.toString(LIMIT));
        Reply taken = server.post("/function/" + echo, "x", "X-Caravan-Depth", Integer.toString(LIMIT - 1));

        assertThat(refused.status()).isEqualTo(508);
        assertThat(refused.text())
                .isEqualTo("loop detected: 6 calls in a row led to this one (CARAVAN_CHAIN_DEPTH is 6)\n");
        assertThat(taken.status()).isEqualTo(200);
    }
}
