package dev.caravan.resque;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.resque.Payload.InvalidPayload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shapes are those of Ruby, goworker, node-resque, php-resque and ActiveJob. */
class PayloadTest {

    private static Payload read(String text) throws InvalidPayload {
        return Payload.read(text.getBytes(UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"class":"Hello","args":["x",1]}                                     | ["x",1]
            {"class":"Hello","args":["\\u003ca\\u0026b\\u003e"]}                   | ["\\u003ca\\u0026b\\u003e"]
            {"class":"Hello","queue":"q","args":[]}                              | []
            {"class":"Hello","args":[{"a":"\\/x"}],"id":"f0","prefix":"","queue_time":1.5} | [{"a":"\\/x"}]
            {"class":"Hello","args":[null],"id":"f0"}                            | [null]
            {"class":"Hello","args":null}                                        | null
            {"class":"Hello","args":{"a":1}}                                     | {"a":1}
            {"class":"Hello"}                                                    | []
            { "args" : [ 1 , 2 ] , "class" : "Hello" }                           | [ 1 , 2 ]
            {"class":"Hello","args":12}                                          | 12
            {"class":"Hello","args":"a}b"}                                       | "a}b"
            {"class":"Hello","args":12,"more":1}                                 | 12
            {"class":"Hello","args":[12345678901234567890,1e400,-0.0,1.10]}      | [12345678901234567890,1e400,-0.0,1.10]
            """)
    void argumentsAreTheTextThatStandsThere(String job, String args) throws InvalidPayload {
        assertThat(read(job)).isEqualTo(new Payload("Hello", args));
    }

    @Test
    void theClassThatActiveJobHasWrappedIsTheJobs() throws InvalidPayload {
        String wrapper = "ActiveJob::QueueAdapters::ResqueAdapter::JobWrapper";
        String args = "[{\"arguments\":[{\"job_class\":\"No\"},1.10],\"job_class\":\"Mail\",\"job_id\":\"7\"}]";
        Payload job = read("{\"class\":\"" + wrapper + "\",\"args\":" + args + "}");

        assertThat(job.jobClass()).isEqualTo("Mail");
        assertThat(job.args()).isEqualTo(args);
        assertThat(read("{\"class\":\"Other\",\"args\":" + args + "}").jobClass())
                .isEqualTo("Other");
        for (String none :
                new String[] {"[]", "[{}]", "[{\"job_class\":7}]", "[\"job_class\"]", "null", "{\"job_class\":\"No\"}"
                }) {
            assertThat(read("{\"class\":\"" + wrapper + "\",\"args\":" + none + "}")
                            .jobClass())
                    .isEqualTo(wrapper);
        }
    }

    @Test
    void textBeyondAsciiCountsRight() throws InvalidPayload {
        assertThat(read("{\"x\":\"ä€😀\",\"class\":\"Grüße\",\"args\":[\"ß😀\"],\"y\":1}"))
                .isEqualTo(new Payload("Grüße", "[\"ß😀\"]"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            not json             | not JSON
            [1,2]                | not a JSON object
            "text"               | not a JSON object
            ``                   | not a JSON object
            {"class":"Hello"     | not JSON
            {"class":"Hello"} {} | more behind
            {"class":"H","args":[NaN]} | not JSON
            {"args":[1]}         | names no class
            {"class":7}          | names no class
            {"class":""}         | names no class
            """)
    void whatIsNoJobIsSaidInOneLine(String text, String why) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(InvalidPayload.class)
                .hasMessageContaining(why)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void bytesThatAreNoTextAreNoJob() {
        assertThatThrownBy(() -> Payload.read(new byte[] {'{', (byte) 0xC3, '}'}))
                .isInstanceOf(InvalidPayload.class)
                .hasMessage("it is not UTF-8");
    }

    @Test
    void argumentsAreWrittenAsRubyWritesThem() {
        assertThat(JsonText.array(" [ 1 , { \"a\" : [ 12345678901234567890 , 1.0e5 ] } , \"<&/ä\" ] "))
                .isEqualTo("[1,{\"a\":[12345678901234567890,1.0e5]},\"<&/ä\"]");
        assertThat(JsonText.array("[]")).isEqualTo("[]");
        assertThatThrownBy(() -> JsonText.array("{}")).hasMessageContaining("JSON array");
        assertThatThrownBy(() -> JsonText.array("[1] 2")).hasMessageContaining("more behind");
        assertThatThrownBy(() -> JsonText.array("[1")).hasMessageContaining("not JSON");
    }
}
