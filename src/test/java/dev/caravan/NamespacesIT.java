package dev.caravan;

import static dev.caravan.testing.TestServer.freshName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Namespaces over HTTP as {@code faas-cli} and the SDKs ask for them (contract section 1.10, trap 10). */
class NamespacesIT {

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @Test
    void theDefaultNamespaceIsFirstAndCannotBeDeleted() {
        create("aardvark");

        Reply list = server.system("/system/namespaces");

        assertThat(list.status()).isEqualTo(200);
        assertThat(list.header("Content-Type")).isEqualTo("application/json");
        assertThat(list.json().get(0).asText()).isEqualTo("openfaas-fn");
        assertThat(list.json().size()).isGreaterThan(1);
        assertThat(line(server.system("/system/namespace/openfaas-fn")))
                .isEqualTo("200 {\"name\":\"openfaas-fn\",\"annotations\":{},\"labels\":{}}");
        assertThat(line(server.system("DELETE", "/system/namespace/openfaas-fn", "")))
                .isEqualTo("400 namespace \"openfaas-fn\" is the default one and cannot be deleted");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /system/namespaces",
        "POST, /system/namespaces",
        "POST, /system/namespace/",
        "GET, /system/namespace/openfaas-fn",
        "PUT, /system/namespace/openfaas-fn",
        "DELETE, /system/namespace/openfaas-fn",
        "DELETE, /system/namespaces/openfaas-fn"
    })
    void nothingOfItIsOpen(String verb, String path) {
        assertThat(line(server.send(verb, path, new byte[0]))).isEqualTo("401 invalid credentials");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/system/namespace", "/system/namespaces"})
    void bothSpellingsAndASlashAtTheEndAreUnderstood(String path) {
        String first = freshName("spelt");
        String second = freshName("spelt");

        assertThat(line(server.system("POST", path + "/", "{\"name\":\"" + first + "\"}")))
                .isEqualTo("201 ");
        assertThat(line(server.system("POST", path, "{\"name\":\"" + second + "\"}")))
                .isEqualTo("201 ");
        assertThat(server.system(path + "/" + first).status()).isEqualTo(200);
        assertThat(server.system(path + "/" + first + "/").status()).isEqualTo(200);
        assertThat(line(server.system(
                        "PUT",
                        path + "/" + first,
                        "{\"name\":\"" + first + "\",\"labels\":{\"openfaas\":\"1\",\"path\":\"p\"}}")))
                .isEqualTo("202 ");
        assertThat(server.system(path + "/" + first).json().at("/labels/path").asText())
                .isEqualTo("p");
        for (String name : new String[] {first, second}) {
            assertThat(line(server.system("DELETE", path + "/" + name, "{\"name\":\"" + name + "\"}")))
                    .isEqualTo("202 ");
            assertThat(server.system(path + "/" + name).status()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"openfaas\":\"1\"}|{\"openfaas\":\"1\"}",
                "{\"openfaas\":\"true\"}|{}",
                "{}|{\"openfaas\":\"1\"}",
                "null|null",
            })
    void aLabelAnAnnotationOrNeitherWillDo(String labels, String annotations) {
        String name = freshName("marked");
        String body = "{\"name\":\"" + name + "\",\"labels\":" + labels + ",\"annotations\":" + annotations + "}";

        assertThat(line(server.system("POST", "/system/namespace/", body))).isEqualTo("201 ");
        assertThat(line(server.system("/system/namespace/" + name)))
                .isEqualTo("200 {\"name\":\"" + name + "\",\"annotations\":" + annotations.replace("null", "{}")
                        + ",\"labels\":" + labels.replace("null", "{}") + "}");
        assertThat(line(server.system("PUT", "/system/namespace/" + name, body)))
                .isEqualTo("202 ");
        assertThat(line(server.system("DELETE", "/system/namespace/" + name, body)))
                .isEqualTo("202 ");
    }

    @Test
    void anUpdateRemovesTheLabelsItDoesNotName() {
        String name = freshName("labelled");
        server.system("POST", "/system/namespace/", "{\"name\":\"" + name + "\",\"labels\":{\"a\":\"1\",\"b\":\"2\"}}");

        server.system("PUT", "/system/namespace/" + name, "{\"name\":\"" + name + "\",\"labels\":{\"b\":\"3\"}}");

        assertThat(server.system("/system/namespace/" + name)
                        .json()
                        .get("labels")
                        .toString())
                .isEqualTo("{\"b\":\"3\"}");
    }

    @Test
    void whatIsTakenIs409AndWhatIsNotThereIs404() {
        String name = create("taken");

        assertThat(line(server.system("POST", "/system/namespace/", "{\"name\":\"" + name + "\"}")))
                .isEqualTo("409 namespace \"" + name + "\" is there already; update it");
        for (Reply reply : new Reply[] {
            server.system("/system/namespace/nowhere"),
            server.system("PUT", "/system/namespace/nowhere", "{\"name\":\"nowhere\"}"),
            server.system("DELETE", "/system/namespace/nowhere", "{\"name\":\"nowhere\"}")
        }) {
            assertThat(line(reply)).isEqualTo("404 namespace \"nowhere\" not found");
        }
    }

    @Test
    void aNamespaceThatIsNotEmptyIs409() {
        String name = create("full");
        server.system("POST", "/system/functions", function("tenant", name, "cat"));
        server.system("POST", "/system/secrets", "{\"name\":\"key\",\"namespace\":\"" + name + "\",\"value\":\"x\"}");

        assertThat(line(server.system("DELETE", "/system/namespace/" + name, "")))
                .isEqualTo("409 namespace \"" + name
                        + "\" is not empty, delete first what is in it: functions 1, secrets 1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|the body is empty, expected a JSON object",
                "{}|field \"name\" is missing",
                "{\"name\":\"kube-system\"}|namespace \"kube-system\" is not for functions; choose another",
                "{\"name\":\"A B\"}|namespace must be a DNS label (a-z, 0-9, -; at most 63): \"A B\"",
                "{\"name\":\"a.b\"}|namespace must be a DNS label (a-z, 0-9, -; at most 63): \"a.b\"",
                "{\"name\":\"x\",\"labels\":{\"a\":1}}|field \"labels.a\" must be a text in quotes, got a number",
                "{\"name\":\"x\",\"annotations\":[]}|field \"annotations\" must be an object, got an array",
            })
    void aBrokenNamespaceSaysWhatIsWrong(String body, String line) {
        assertThat(line(server.system("POST", "/system/namespace/", body))).isEqualTo("400 " + line);
    }

    @Test
    void aBodyThatNamesAnotherNamespaceThanThePathIs400() {
        String name = create("path");

        for (String verb : new String[] {"PUT", "DELETE"}) {
            assertThat(line(server.system(verb, "/system/namespace/" + name, "{\"name\":\"other\"}")))
                    .isEqualTo("400 the path names \"" + name + "\", field \"name\" another namespace");
        }
        assertThat(line(server.system("DELETE", "/system/namespace/kube-system", "")))
                .isEqualTo("400 namespace \"kube-system\" is not for functions; choose another");
    }

    @Test
    void functionsOfEqualNamesInTwoNamespacesAreApartAndTheLastDotSplits() {
        String name = create("staging");
        String twin = freshName("twin");
        server.system("POST", "/system/functions", function(twin, "openfaas-fn", "cat"));
        server.system("POST", "/system/functions", function(twin, name, "rev"));

        assertThat(server.post("/function/" + twin, "abc\n").text()).isEqualTo("abc\n");
        assertThat(server.post("/function/" + twin + ".openfaas-fn", "abc\n").text())
                .isEqualTo("abc\n");
        assertThat(server.post("/function/" + twin + "." + name, "abc\n").text())
                .isEqualTo("cba\n");
        assertThat(server.post("/function/" + twin + ".nowhere", "abc\n").status())
                .isEqualTo(404);
        assertThat(server.system("/system/functions?namespace=" + name).json().findValuesAsText("name"))
                .containsExactly(twin);
    }

    @Test
    void deployingIntoOrListingANamespaceThatDoesNotExistIs400() {
        String line = "400 namespace \"nowhere\" does not exist; create it by POST /system/namespace/";

        assertThat(line(server.system("POST", "/system/functions", function("lost", "nowhere", "cat"))))
                .isEqualTo(line);
        assertThat(line(server.system("/system/functions?namespace=nowhere"))).isEqualTo(line);
    }

    @Test
    void aStackFileMakesTheNamespacesItNames(@TempDir Path folder) throws IOException {
        Path stack = Files.writeString(folder.resolve("stack.yaml"), """
                functions:
                  hello: {image: x, fprocess: cat, namespace: from-stack}
                  bad: {image: x, fprocess: cat, namespace: kube-system}
                """);

        try (TestServer other = TestServer.with("CARAVAN_STACK=" + stack).start()) {
            assertThat(other.system("/system/namespaces").text()).isEqualTo("[\"openfaas-fn\",\"from-stack\"]");
            assertThat(other.post("/function/hello.from-stack", "x").text()).isEqualTo("x");
        }
    }

    private static String create(String stem) {
        String name = freshName(stem);
        assertThat(line(server.system("POST", "/system/namespace/", "{\"name\":\"" + name + "\"}")))
                .isEqualTo("201 ");
        return name;
    }

    private static String function(String name, String namespace, String process) {
        return "{\"service\":\"" + name + "\",\"namespace\":\"" + namespace + "\",\"image\":\"x\",\"envProcess\":\""
                + process + "\"}";
    }

    private static String line(Reply reply) {
        return reply.status() + " " + reply.text().strip();
    }
}
