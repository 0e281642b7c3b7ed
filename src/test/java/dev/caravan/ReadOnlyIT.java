package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Caravan that is there to be looked at and to be called. */
@Timeout(120)
class ReadOnlyIT {

    @Test
    void nothingCanBeChangedAndEverythingCanBeCalled() {
        try (var server = TestServer.with()) {
            server.start();
            String answers = server.deployAnswers();
            server.stop();
            server.set("CARAVAN_READ_ONLY=true").start();

            Reply refused = server.system("POST", "/system/queues/faas-request/pause", "");
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).contains("nothing can be changed here: CARAVAN_READ_ONLY is set");
            assertThat(server.system("DELETE", "/system/functions", "{\"functionName\":\"" + answers + "\"}")
                            .status())
                    .isEqualTo(403);
            assertThat(server.system("POST", "/system/alert", "{\"alerts\":[]}").status())
                    .isEqualTo(403);
            assertThat(server.post("/system/queues/faas-request/pause", "").status())
                    .as("a stranger")
                    .isEqualTo(401);
            assertThat(server.system("POST", "/system/session", "")
                            .json()
                            .get("readOnly")
                            .asBoolean())
                    .isTrue();
            assertThat(server.system("/system/functions").json()).hasSize(1);
            server.awaitReplica(answers);
            assertThat(server.post("/function/" + answers + "/200", "hello").status())
                    .isEqualTo(200);
            String id = server.callAsync(answers, "hello");
            assertThat(server.get("/async-function/" + id + "/result?wait=45s").status())
                    .isEqualTo(200);
        }
    }
}
