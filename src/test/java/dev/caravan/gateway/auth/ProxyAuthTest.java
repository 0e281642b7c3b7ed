package dev.caravan.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.config.Settings;
import dev.caravan.config.SettingsException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose word counts, and what it says. */
class ProxyAuthTest {

    private static ProxyAuth proxies(String networks) {
        return proxies(networks, "on call=operator,platform=admin,*=viewer");
    }

    private static ProxyAuth proxies(String networks, String groups) {
        return new ProxyAuth(
                Settings.from(Map.of("CARAVAN_AUTH_PROXIES", networks, "CARAVAN_AUTH_GROUPS", groups))
                        .access(),
                "openfaas-fn");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.7,      10.0.0.7,      true",
        "10.0.0.7,      10.0.0.8,      false",
        "10.1.0.0/16,   10.1.255.255,  true",
        "10.1.0.0/16,   10.2.0.0,      false",
        "0.0.0.0/0,     192.0.2.1,     true",
        "0.0.0.0/0,     2001:db8::1,   false",
        "fd00::/8,      fdff::1,       true",
        "fd00::/8,      fe00::1,       false",
        "::1,           0:0:0:0:0:0:0:1, true",
        "10.0.0.7,      '',            false"
    })
    void aConnectionIsTrustedByItsAddress(String network, String address, boolean trusted) {
        assertThat(proxies(network).trusts(address)).isEqualTo(trusted);
        assertThat(ProxyAuth.NONE.trusts(address)).isFalse();
    }

    @Test
    void theHighestRoleOfAllGroupsCounts() {
        ProxyAuth proxies = proxies("10.0.0.7");

        assertThat(proxies.caller("ada", "other , on call,platform").map(Caller::role))
                .contains(Role.ADMIN);
        assertThat(proxies.caller("ada", "on call").map(Caller::role)).contains(Role.OPERATOR);
        assertThat(proxies.caller("ada", null).map(Caller::role)).contains(Role.VIEWER);
        assertThat(proxies.caller(" ", "platform")).isEmpty();
        assertThat(proxies.caller("a\u0007", "platform")).isEmpty();
        assertThat(proxies.caller("a".repeat(257), "platform")).isEmpty();
        assertThat(ProxyAuth.NONE.caller("ada", "platform")).isEmpty();
    }

    @Test
    void aGroupsRoleMayBeLimited() {
        ProxyAuth proxies = proxies("10.0.0.7", "shop=operator[shop-* -bodies], billing=operator[billing], *=viewer");

        Caller shop = proxies.caller("ada", "shop").orElseThrow();
        assertThat(shop.role()).isEqualTo(Role.OPERATOR);
        assertThat(shop.rights().functions()).hasToString("shop-*.openfaas-fn");
        assertThat(shop.rights().bodies()).isFalse();
        Caller both = proxies.caller("ada", "shop,billing").orElseThrow();
        assertThat(both.rights().functions().words())
                .containsExactlyInAnyOrder("shop-*.openfaas-fn", "billing.openfaas-fn");
        assertThat(both.rights().bodies()).isFalse();
        assertThat(proxies.caller("ada", "other").orElseThrow().rights()).isEqualTo(Rights.ALL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy.internal", "10.0.0", "10.0.0.7/33", "::/129", "10.0.0.999", "/8"})
    void whatIsNoAddressIsRefusedAtTheStart(String networks) {
        assertThatThrownBy(() -> proxies(networks))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("CARAVAN_AUTH_PROXIES must be addresses or networks");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "platform",
                "platform=root",
                "=admin",
                "a=viewer,a=admin",
                "a=admin[b]",
                "a=viewer[]",
                "a=viewer[B]",
                "a=viewer[b"
            })
    void aGroupHasOneRoleThatThereIs(String groups) {
        assertThatThrownBy(() -> Settings.from(Map.of("CARAVAN_AUTH_GROUPS", groups)))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("CARAVAN_AUTH_GROUPS must ");
    }
}
