package dev.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the routes to the house rules, and the rules to what they promise. */
class RouteLintTest {

    private static final String GOOD = """
            # yaml-language-server: $schema=https://example.com/camelYamlDsl.json
            # GET /greet answers hello
            - route:
                id: greet-caller
                description: Answers every caller with a friendly word.
                group: public
                from:
                  uri: platform-http:/greet
                  parameters:
                    httpMethodRestrict: GET
                  steps:
                    - choice:
                        when:
                          - expression:
                              simple:
                                expression: "${header.polite} == 'yes'"
                            steps:
                              - setBody:
                                  expression:
                                    constant:
                                      expression: hello
                    - bean:
                        ref: greeter
                        method: sign
                    - log:
                        message: "greeted function=${header.CaravanFunction}"
            """;

    @TempDir
    Path folder;

    @Test
    void theRoutesFollowTheHouseRules() throws IOException {
        assertThat(RouteLint.problems(Path.of("routes"), RouteBeans.names())).isEmpty();
    }

    @Test
    void aGoodFileHasNoProblem() throws IOException {
        plant("greet-caller", GOOD);

        assertThat(RouteLint.problems(folder, Set.of("greeter"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            id: greet-caller                   | id: greet-callers               | not the file's name
            Answers every caller with a friendly word. | Greets.                  | description of 20 to 120
            '# yaml-language-server: $schema=' | '# schema='                     | first line must be
            == 'yes'"                          | == 'yes' && ${body} == 'x'"     | one comparison
            == 'yes'"                          | > 1 and ${body} < 2"            | one comparison
            '"greeted function=${header.CaravanFunction}"' | '"got ${body}"'     | must not show the body
            method: sign                       | method: "sign(password=abc)"    | looks like a secret
            uri: platform-http:/greet          | uri: "ftp://me:hunter2@host/x"  | looks like a secret
            ref: greeter                       | ref: greter                     | no bean is called "greter"
            group: public                      | group: veiwer                   | group: public, viewer, operator, admin; found veiwer
            group: public                      | precondition: true              | found null
            constant:                          | groovy:                         | no inline scripts
            '- route:'                         | '- rouet: ['                    | not YAML
            """)
    void aBadFileIsFound(String good, String bad, String problem) throws IOException {
        assertThat(GOOD).contains(good);
        plant("greet-caller", GOOD.replace(good, bad));

        assertThat(RouteLint.problems(folder, Set.of("greeter")))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("triggers/greet-caller.camel.yaml: ")
                        .contains(problem));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            - log: hello
            - to: direct:x
            - setBody: { constant: hello }
            - setBody: { constant: { expression: hello } }
            - setBody: { expression: { constant: hello } }
            - filter: { simple: { expression: "${body}" }, steps: [] }
            - stop
            """)
    void compactNotationIsFound(String step) throws IOException {
        plant("greet-caller", GOOD + "        " + step + "\n");

        assertThat(RouteLint.problems(folder, Set.of("greeter")))
                .anySatisfy(line -> assertThat(line).contains("compact notation"));
    }

    @Test
    void aLogEndpointThatShowsTheBodyIsFound() throws IOException {
        plant("greet-caller", GOOD + "        - to: { uri: \"log:seen\" }\n");

        assertThat(RouteLint.problems(folder, Set.of("greeter")))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("showBody"));
    }

    @Test
    void aSecondTriggerIsFound() throws IOException {
        String second = GOOD.substring(GOOD.indexOf("- route:"))
                .replace("greet-caller", "greet-again")
                .replace("platform-http:/greet", "timer:again");
        plant("greet-caller", GOOD + second);

        assertThat(RouteLint.problems(folder, Set.of("greeter")))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("2 triggers"));
    }

    @Test
    void aTemplateThatIsNowhereIsFound() throws IOException {
        plant("greet-caller", GOOD + "- templatedRoute:\n    routeId: other\n    routeTemplateRef: nowhere\n");

        assertThat(RouteLint.problems(folder, Set.of("greeter")))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("no file has the template \"nowhere\""));
    }

    @Test
    void theMapAndTheFilesMustAgree() throws IOException {
        plant("greet-caller", GOOD);
        Files.writeString(folder.resolve("README.md"), "| `triggers/gone.camel.yaml` | timer | counts |\n");

        assertThat(RouteLint.problems(folder, Set.of("greeter")))
                .containsExactlyInAnyOrder(
                        "triggers/greet-caller.camel.yaml: it is missing in the map in README.md",
                        "README.md: it names triggers/gone.camel.yaml, which is not there");
    }

    private void plant(String name, String text) throws IOException {
        String file = "triggers/" + name + ".camel.yaml";
        Files.createDirectories(folder.resolve("triggers"));
        Files.writeString(folder.resolve(file), text);
        Files.writeString(folder.resolve("README.md"), "| `" + file + "` | HTTP | greets |\n");
    }
}
