package dev.caravan.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.FunctionName;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrantTest {

    private static Grant grant(String text) {
        return Grant.parse(text, "fn");
    }

    @Test
    void aRoleAloneSeesEverything() {
        assertThat(grant("viewer")).isEqualTo(new Grant(Role.VIEWER, Rights.ALL));
        assertThat(grant("admin")).isEqualTo(Grant.of(Role.ADMIN));
    }

    @Test
    void bracketsSayWhatItSees() {
        Grant some = grant("operator[shop-* *.team-a]");
        assertThat(some.role()).isEqualTo(Role.OPERATOR);
        assertThat(some.rights().bodies()).isTrue();
        assertThat(some.rights().functions().has(new FunctionName("shop-1", "fn")))
                .isTrue();
        assertThat(some.rights().functions().has(new FunctionName("any", "team-a")))
                .isTrue();
        assertThat(some.rights().functions().has(new FunctionName("any", "fn"))).isFalse();

        Rights blind = grant("viewer[-bodies]").rights();
        assertThat(blind.bodies()).isFalse();
        assertThat(blind.allFunctions()).isTrue();

        Rights both = grant("viewer[ shop-*  -bodies ]").rights();
        assertThat(both.bodies()).isFalse();
        assertThat(both.functions()).hasToString("shop-*.fn");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "owner",
                "viewer[]",
                "viewer[ ]",
                "viewer[shop",
                "viewer[shop]x",
                "viewer[-body]",
                "viewer[shop,other]",
                "viewer[Shop]",
                "viewer[a.b.c]",
                "viewer[.b]",
                "viewer[%]",
                "admin[shop]",
                "admin[-bodies]"
            })
    void whatMakesNoSenseIsRefusedInOneLine(String text) {
        assertThatThrownBy(() -> grant(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .hasSizeBetween(20, 200)
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource({
        "viewer operator[a],                     operator, a.fn,      true",
        "admin operator[-bodies],                admin,    *.*,       true",
        "viewer[a] viewer[b],                    viewer,   a.fn b.fn, true",
        "viewer[a] viewer[b|-bodies],            viewer,   a.fn b.fn, false",
        "viewer viewer[b|-bodies],               viewer,   *.* b.fn,  true",
        "viewer[-bodies] viewer[b],              viewer,   *.* b.fn,  false",
        "viewer[a] viewer[b] viewer[a|b|-bodies],viewer,   a.fn b.fn, true",
    })
    void severalForOnePersonGiveTheHighestRoleAndBodiesOnlyWhereEachFunctionHasThem(
            String grants, String role, String functions, boolean bodies) {
        Grant joined = Grant.joined(Arrays.stream(grants.split(" "))
                .map(text -> grant(text.replace('|', ' ')))
                .toList());

        assertThat(joined.role().word()).isEqualTo(role);
        assertThat(joined.rights().functions()).hasToString(functions);
        assertThat(joined.rights().bodies()).isEqualTo(bodies);
    }
}
