package dev.caravan.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.TestServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the console's modules compute, in the browser that they are for. */
class ConsolePartsIT {

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final Browser browser = new Browser(server);

    @BeforeEach
    void openThePage() {
        browser.page().navigate(server.url("/ui/"));
        browser.page().locator("sign-in-form").waitFor();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "diff('a\\nb\\nc', 'a\\nx\\nc').map(line => line.kind[0] + line.text).join(' ') | sa gb nx sc",
                "diff('', 'a').map(line => line.kind[0] + line.text).join(' ')                 | g na",
                "diff('same', 'same').every(line => line.kind === 'same')                      | true",
                "diff('x\\n'.repeat(2000), 'y')                                                | null"
            })
    void textsAreComparedLineByLine(String expression, String expected) {
        assertThat(computed("diff.js", expression)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "hex(bytesOf('AP9hYg=='), 100)                                       | 000000  00 ff 61 62                                      ··ab",
                "hex(new Uint8Array(40), 32).split('\\n').length                     | 2",
                "pretty('{\"a\":1}').split('\\n').length                             | 3",
                "pretty('7')                                                         | null",
                "pretty('{')                                                         | null",
                "pretty('['.repeat(9000) + ']'.repeat(9000))                         | null",
                "pretty('{\"a\":\"' + '['.repeat(9000) + '\"}').split('\\n').length   | 3",
                "textOrBase64(new Uint8Array([0xc3, 0xa4])).text                     | ä",
                "textOrBase64(new Uint8Array([0xff])).base64                         | /w=="
            })
    void bytesAreShownAsWhatTheyAre(String expression, String expected) {
        assertThat(computed("bytes.js", expression)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "tidyXml('<a x=\"1>2\"><b>t</b><c/></a>')          | <a x=\"1>2\">¶  <b>t</b>¶  <c/>¶</a>",
                "tidyXml('<?xml version=\"1.0\"?><!-- > --><a/>')  | <?xml version=\"1.0\"?>¶<!-- > -->¶<a/>",
                "tidyXml('<a><![CDATA[</a>]]></a>')                | <a><![CDATA[</a>]]></a>",
                "tidyXml('<a><b></a></b>')                         | null",
                "tidyXml('<p>one<br>two</p>')                      | null",
                "tidyXml('<a/>text')                               | null",
                "tidyXml('<a>'.repeat(9000) + '</a>'.repeat(9000)) | null",
                "tidyXml('{}')                                     | null"
            })
    void xmlIsTidiedWhenItIsWhole(String expression, String expected) {
        assertThat(computed("xml.js", "(tidy => tidy && tidy.split('\\n').join('¶'))(" + expression + ")"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7 | image/gif 1 1",
                "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA  | image/webp 1 1",
                "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==          | image/webp 1 1",
                "/9j/4AAEAAD/wAARCAAFAAcD                                  | image/jpeg 7 5",
                "/9j/4AAEAAA=                                              | null",
                "PHN2Zy8+                                                  | null"
            })
    void aPictureIsWhatItsFirstBytesSay(String base64, String expected) {
        String bytes = "Uint8Array.from(atob('" + base64 + "'), each => each.charCodeAt(0))";

        assertThat(computed(
                        "picture.js", "(found => found && Object.values(found).join(' '))(pictureOf(" + bytes + "))"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{body: 'b', headers: [{name: 'A', value: '1'}, {name: 'Key', value: '(hidden)'}]}   | undefined",
                "{body: 'c', headers: [{name: 'A', value: '1'}, {name: 'Key', value: '(hidden)'}]}   | {\"body\":\"c\"}",
                "{body: 'b', headers: [{name: 'A', value: '2'}, {name: 'Key', value: '(hidden)'}]}   | {\"headers\":{\"A\":[\"2\"]}}",
                "{body: 'b', headers: [{name: 'a', value: '1'}, {name: 'Key', value: 'new'}]}        | {\"headers\":{\"Key\":[\"new\"]}}",
                "{body: 'b', headers: [{name: 'Key', value: '(hidden)'}, {name: '', value: ''}]}     | {\"headers\":{\"A\":null}}",
                "{body: 'b', function: 'g.n', headers: [{name: 'A', value: '1'}, {name: 'Key', value: '(hidden)'}]} | {\"function\":\"g.n\"}"
            })
    void onlyWhatIsDifferentIsSent(String edited, String expected) {
        String letter = "{body: 'b', function: 'f', namespace: 'n', headers: {A: ['1'], Key: ['(hidden)']}}";

        assertThat(computed("pages/letters/editor.js", "JSON.stringify(difference(" + letter + ", " + edited + "))"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "link(['calls', 'a/b?c'], {q: 'x & y', none: ''})            | #/calls/a%2Fb%3Fc?q=x+%26+y",
                "JSON.stringify(place('#/calls/a%2Fb?q=x+%26+y'))            | {\"page\":\"calls\",\"rest\":[\"a/b\"],\"query\":{\"q\":\"x & y\"}}",
                "JSON.stringify(place('#/calls/100%'))                       | {\"page\":\"calls\",\"rest\":[\"100%\"],\"query\":{}}",
                "JSON.stringify(place(''))                                   | {\"page\":\"\",\"rest\":[],\"query\":{}}"
            })
    void anAddressLeadsBackToItsPlace(String expression, String expected) {
        assertThat(computed("router.js", expression)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "duration(0.0123), 12 ms",
        "duration(1.25), 1.3 s",
        "duration(1), 1 s",
        "duration(300), 5 min",
        "duration(75), 1 min 15 s",
        "duration(7260), 2 h 1 min",
        "duration(undefined), –",
        "size(1), 1 byte",
        "size(2048), 2.0 KiB",
        "'counted(2, \"call\")', 2 calls",
        "count(1234567), '1,234,567'"
    })
    void figuresAreWrittenForPeople(String expression, String expected) {
        assertThat(computed("format.js", expression)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "squeezed([1, 5, null, null, 2, null, 0], 4)                  | 5,,2,0",
                "squeezed([1, 2], 60)                                         | 1,2",
                "squeezed([], 60)                                             | ~~",
                "pathOf([0, 2, 1], 2, 100, 10)                                | M0.0,10.0L50.0,0.0L100.0,5.0",
                "pathOf([1, null, 1, 1], 1, 30, 10)                           | M0.0,0.0h1M20.0,0.0L30.0,0.0",
                "pathOf([0], 0, 30, 10)                                       | M0.0,10.0h1"
            })
    void aLineHasGapsWhereNothingIsKnownAndLosesNoPeak(String expression, String expected) {
        assertThat(computed("parts/chart.js", expression)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {"wo | words,sword", "page wo | words", "zebra | ~~", "~~ | sword,words"})
    void whatBeginsWithTheTextComesFirst(String text, String expected) {
        String all = "[{kind: 'Queue', name: 'sword'}, {kind: 'Page', name: 'words'}]";

        assertThat(computed("parts/palette.js", "matching(" + all + ", '" + text + "').map(each => each.name)"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "JSON.stringify(asked({q: 'x', view: 'list', since: '2026-01-01'})) | {\"q\":\"x\",\"since\":\"2026-01-01\"}",
                "asked({age: 'range'}).since                                       | undefined",
                "Math.round((Date.now() - new Date(asked({age: '1h'}).since)) / 6e4) | 60"
            })
    void anAddressIsAskedAsTheServerUnderstandsIt(String expression, String expected) {
        assertThat(computed("parts/filters.js", expression)).isEqualTo(expected);
    }

    /** Everything a module exports is at hand by its name. */
    private static String computed(String module, String expression) {
        String script = "async () => { with (await import('/ui/%s')) { return String(%s); } }";
        return String.valueOf(browser.page().evaluate(script.formatted(module, expression)));
    }
}
