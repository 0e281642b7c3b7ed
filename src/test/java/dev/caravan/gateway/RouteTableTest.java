package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteTableTest {

    private final RouteTable<String> table = new RouteTable<>();

    @Test
    void literalSegmentsWinOverParameters() {
        add("/system/{any}", false, "param");
        add("/system/info", false, "literal");

        assertThat(table.find("GET", "/system/info").target()).isEqualTo("literal");
        assertThat(table.find("GET", "/system/other").target()).isEqualTo("param");
    }

    @Test
    void longerPrefixesWinOverShorterOnes() {
        add("/a", true, "short");
        add("/a/{x}/c", true, "long");

        assertThat(table.find("GET", "/a/b/c/d").target()).isEqualTo("long");
        assertThat(table.find("GET", "/a/b/x").target()).isEqualTo("short");
    }

    @Test
    void aDeadEndBacktracksToAParameter() {
        add("/a/b/c", false, "literal");
        add("/a/{x}/d", false, "param");

        assertThat(table.find("GET", "/a/b/d").target()).isEqualTo("param");
    }

    @Test
    void verbsSharePathsAcrossTemplates() {
        add("/call/{id}", false, "look", "GET", "DELETE");
        add("/call/{name}", true, "make", "POST");

        assertThat(table.find("POST", "/call/x").target()).isEqualTo("make");
        assertThat(table.find("GET", "/call/x").target()).isEqualTo("look");
        assertThat(table.find("GET", "/call/x").parameters()).isEqualTo(Map.of("id", "x"));
        assertThat(table.find("PUT", "/call/x").target()).isNull();
        assertThat(table.find("PUT", "/call/x").allowed()).isEqualTo(Set.of("GET", "DELETE", "POST"));
    }

    @Test
    void parametersAreRawAndNeverEmpty() {
        add("/call/{id}", true, "x");

        assertThat(table.find("GET", "/call/a%2Fb/c").parameters()).isEqualTo(Map.of("id", "a%2Fb"));
        assertThat(table.find("GET", "/call/").target()).isNull();
        assertThat(table.find("GET", "/call").target()).isNull();
    }

    @Test
    void nothingIsNormalised() {
        add("/system/info", false, "info");

        assertThat(table.find("GET", "/system/./info").target()).isNull();
        assertThat(table.find("GET", "//system/info").target()).isNull();
        assertThat(table.find("GET", "/system/%69nfo").target()).isNull();
        assertThat(table.find("GET", "/x/../system/info").target()).isNull();
        assertThat(table.find("GET", "").target()).isNull();
        assertThat(table.find("GET", "*").target()).isNull();
    }

    @Test
    void aTrailingSlashIsForgivenOnExactPaths() {
        add("/system/namespace", false, "x");

        assertThat(table.find("GET", "/system/namespace/").target()).isEqualTo("x");
        assertThat(table.find("GET", "/system/namespace//").target()).isNull();
    }

    @Test
    void theRootIsAPathToo() {
        add("/", false, "root");

        assertThat(table.find("GET", "/").target()).isEqualTo("root");
        assertThat(table.find("GET", "/x").target()).isNull();
    }

    @Test
    void theNewestOfEqualsServesAndLeavesItsPlaceToTheOlderOne() {
        add("/a", false, "old");
        add("/a", false, "new");

        assertThat(table.find("GET", "/a").target()).isEqualTo("new");
        table.remove("new");
        assertThat(table.find("GET", "/a").target()).isEqualTo("old");
        table.remove("old");
        assertThat(table.find("GET", "/a").target()).isNull();
        assertThat(table.find("GET", "/a").allowed()).isEmpty();
    }

    private void add(String template, boolean prefix, String target, String... verbs) {
        table.add(new RouteTable.Entry<>(template, prefix, Set.of(verbs), target));
    }
}
