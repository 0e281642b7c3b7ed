package dev.caravan.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.config.Settings;
import dev.caravan.search.Field;
import dev.caravan.search.Query;
import dev.caravan.search.Subject;
import dev.caravan.search.Term;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** What is hidden in what is shown, and that nothing of it is lost. */
class MasksTest {

    /** Nobody is asked who it is, so everybody is an admin; and it is hidden from these too. */
    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    private final Masks.Sight sight =
            masks("header.X-Iban, body.card.number, body.items.*.pin", "admin").of(exchange);

    private static Masks masks(String rules, String from) {
        return new Masks(Settings.from(Map.of("CARAVAN_MASK", rules, "CARAVAN_MASK_FROM", from))
                .masks());
    }

    @Test
    void valuesAtThePathsAreHiddenWhateverTheyAre() {
        assertThat(shown(json("{'card':{'number':4711,'name':'Ada'},'items':[{'pin':'1'},{'pin':{'a':2}},{'id':3}]}")))
                .isEqualTo(json("{'card':{'number':'(hidden)','name':'Ada'},'items':[{'pin':'(hidden)'},"
                        + "{'pin':'(hidden)'},{'id':3}]}"));
    }

    @Test
    void whatHasNothingToHideIsShownAsItCame() {
        assertThat(shown(json("{ 'card' : null,  'n': 1.0 }"))).isEqualTo(json("{ 'card' : null,  'n': 1.0 }"));
        assertThat(shown("card.number 4711")).isEqualTo("card.number 4711");
        assertThat(shown("")).isEmpty();
        assertThat(sight.sees("x-iban")).isFalse();
        assertThat(sight.sees("authorization")).isFalse();
        assertThat(sight.sees("X-Other")).isTrue();
    }

    @Test
    void whoSeesItAllSeesItAll() {
        Masks.Sight admins = masks("body.card.number", "operator").of(exchange);

        assertThat(admins.dimmed()).isFalse();
        assertThat(new String(admins.body(json("{'card':{'number':1}}").getBytes(UTF_8)), UTF_8))
                .isEqualTo(json("{'card':{'number':1}}"));
    }

    @Test
    void aRequestThatWasKeptIsShownWithoutWhatIsHidden() throws Exception {
        String kept =
                json("{'headers':{'X-Iban':['DE1'],'X-Other':['x']},'body':'{\\'card\\':{\\'number\\':1}}','size':21}");
        Masks masks = masks("header.X-Iban, body.card.number", "admin");

        String shown = masks.request(new ObjectMapper().readTree(kept), masks.of(exchange))
                .toString();

        assertThat(shown).doesNotContain("DE1", ":1}").contains("X-Other").contains("21");
    }

    @Test
    void whatIsEditedKeepsWhatWasHiddenToTheLetter() {
        String original = json("{'card':{'number':12345678901234567890.10},'n':1.50}");

        assertThat(restored(json("{'card':{'number':'(hidden)'},'n':2.50}"), original))
                .isEqualTo(json("{'card':{'number':12345678901234567890.10},'n':2.50}"));
        assertThat(restored(json("{'card':{'number':7}}"), original)).isEqualTo(json("{'card':{'number':7}}"));
        assertThat(restored("good", original)).isEqualTo("good");
        assertThatThrownBy(() -> restored(json("{'items':[{'pin':'(hidden)'}]}"), original))
                .isInstanceOf(HttpFailure.class)
                .hasMessageContaining("items.*.pin");
    }

    @Test
    void whatIsHiddenIsNotFoundEither() {
        var box = new SearchBox(Instant.EPOCH, sight);
        for (String query :
                List.of("header.x-iban:1", "body.card.number:4", "body.card:4", "body.items.0.pin:1", "body:4")) {
            assertThatThrownBy(() -> box.query(query, Subject.DEAD_LETTERS))
                    .as(query)
                    .hasMessageContaining("masked");
        }
        assertThat(box.query("body.card.name:Ada header.x-other:1", Subject.DEAD_LETTERS))
                .isPresent();
        assertThat(box.query("4711 fn:a", Subject.DEAD_LETTERS)
                        .map(Query::terms)
                        .orElseThrow())
                .extracting(Term::field)
                .containsExactly(Field.ERROR, Field.FUNCTION);
        assertThatThrownBy(() -> new SearchBox(Instant.EPOCH, Masks.NONE.of(exchange))
                        .query("header.Authorization:x", Subject.CALLS))
                .hasMessageContaining("somebody's key");
    }

    @Test
    void anExportedLineSaysThatItIsNotWhole() {
        Masks masks = masks("header.X-Iban,body.pin", "admin");
        String line = "{\"call\":{\"CaravanHeaders\":\"{\\\"x-iban\\\":[\\\"DE1\\\"],\\\"a\\\":[\\\"b\\\"]}\"},"
                + "\"body\":\"{\\\"pin\\\":1}\"}\n";

        assertThat(masks.line(line, masks.of(exchange)))
                .contains("\"masked\":true")
                .doesNotContain("DE1")
                .contains("\\\"pin\\\":\\\"(hidden)\\\"")
                .contains("\\\"a\\\":[\\\"b\\\"]")
                .endsWith("\n");
        assertThat(Masks.NONE.line(line, Masks.NONE.of(exchange))).isEqualTo(line);
    }

    /** Apostrophes are easier to read than escaped quotes. */
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private String shown(String body) {
        return new String(sight.body(body.getBytes(UTF_8)), UTF_8);
    }

    private String restored(String edited, String original) {
        return new String(sight.restored(edited.getBytes(UTF_8), original.getBytes(UTF_8)), UTF_8);
    }
}
