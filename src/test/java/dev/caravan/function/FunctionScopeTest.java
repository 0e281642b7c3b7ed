package dev.caravan.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FunctionScopeTest {

    private static FunctionScope scope(String words) {
        return FunctionScope.of(Arrays.asList(words.split(" ")), "fn");
    }

    @ParameterizedTest
    @CsvSource({
        "shop,        shop.fn,          true",
        "shop,        shop.other,       false",
        "shop,        shop-a.fn,        false",
        "shop-*,      shop-a.fn,        true",
        "shop-*,      shop.fn,          false",
        "*,           anything.fn,      true",
        "*,           anything.other,   false",
        "*.team-*,    x.team-a,         true",
        "*.team-*,    x.fn,             false",
        "*.*,         x.y,              true",
        "a*b*c,       abc.fn,           true",
        "a*b*c,       a1b2c.fn,         true",
        "a*b*c,       acb.fn,           false",
        "a*a,         a.fn,             false",
        "a*aa*aa,     aaaa.fn,          false",
        "'a b.other', b.other,          true",
    })
    void aPatternMeansWhatItSays(String words, String function, boolean has) {
        assertThat(scope(words).has(FunctionName.parse(function, "").orElseThrow()))
                .isEqualTo(has);
    }

    @ParameterizedTest
    @CsvSource({
        "shop-a,   shop-*,      true",
        "shop-a*,  shop-*,      true",
        "shop-*,   shop-a*,     false",
        "*,        shop-*,      false",
        "*.team-a, *.*,         true",
        "*.*,      *.team-a,    false",
        "'a b',    'b c a',     true",
        "'a d',    'b c a',     false",
    })
    void oneIsWithinAnotherWhenEachOfItsPatternsIs(String inner, String outer, boolean within) {
        assertThat(scope(inner).isWithin(scope(outer))).isEqualTo(within);
    }

    @Test
    void allIsAllAndNothingIsNothing() {
        assertThat(FunctionScope.ALL.isAll()).isTrue();
        assertThat(scope("a *.*").isAll()).isTrue();
        assertThat(scope("*").isAll()).isFalse();
        assertThat(new FunctionScope(List.of()).has(new FunctionName("a", "b"))).isFalse();
        assertThat(scope("*.team-a").reaches("team-a")).isTrue();
        assertThat(scope("x").reaches("team-a")).isFalse();
        assertThat(scope("a b.c")).hasToString("a.fn b.c");
    }
}
