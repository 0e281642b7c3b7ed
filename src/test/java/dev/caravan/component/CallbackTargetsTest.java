package dev.caravan.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.CallbackUrl;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallbackTargetsTest {

    private final CallbackTargets strict =
            new CallbackTargets(true, List.of("127.0.0.1:8080", "localhost", "[::1]:90"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "0.0.0.0",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "192.0.0.1",
                "198.18.0.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "[::]",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[::127.0.0.1]",
                "[fe80::1]",
                "[fc00::1]",
                "[fdff::1]",
                "[fec0::1]",
                "[ff02::1]",
                "[64:ff9b::7f00:1]",
                "[64:ff9b::192.168.0.1]",
                "[2002:7f00:1::]",
                "[2001:0:7f00:1::]",
                "[2001:db8::1]",
                "[64:ff9b:1::1]",
                "[100::1]"
            })
    void aPrivateAddressIsRefusedAtTheDoorAndAtTheConnection(String host) {
        CallbackUrl url = CallbackUrl.parse("http://" + host + "/");

        assertThat(strict.objection(url)).contains("must not be a private address");
        assertThatThrownBy(() -> strict.address(url, 1))
                .isInstanceOf(CallbackTargets.RefusedException.class)
                .hasMessage("the callback URL leads to a private address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
                "169.253.0.1", "192.169.0.1", "198.20.0.1", "223.255.255.255", "1.1.1.1", "[2606:4700::1111]",
                "[2001:200::1]", "[64:ff9b::1.1.1.1]"
            })
    void itsPublicNeighboursAreConnectedTo(String host) throws Exception {
        CallbackUrl url = CallbackUrl.parse("http://" + host + "/");

        assertThat(strict.objection(url)).isEmpty();
        assertThat(strict.address(url, 1)).contains(InetAddress.getByName(host));
    }

    /** At the door a name is only a name; what it stands for may change, so it is judged when it matters. */
    @Test
    void aNameForAPrivateAddressIsRefusedAtTheConnection() {
        var targets = new CallbackTargets(true, List.of());
        CallbackUrl url = CallbackUrl.parse("http://localhost/");

        assertThat(targets.objection(url)).isEmpty();
        assertThatThrownBy(() -> targets.address(url, 1)).isInstanceOf(CallbackTargets.RefusedException.class);
    }

    @Test
    void atTheDoorNobodyIsAskedWhatANameStandsFor() {
        assertThat(strict.objection(CallbackUrl.parse("http://no.such.name.invalid/")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:8080", "localhost", "LOCALHOST:99", "[::1]:90"})
    void whatIsAllowedIsNotJudged(String authority) throws Exception {
        CallbackUrl url = CallbackUrl.parse("http://" + authority + "/");

        assertThat(strict.objection(url)).isEmpty();
        assertThat(strict.address(url, 1)).isEmpty();
    }

    @Test
    void anotherPortOfAnAllowedAddressIsRefused() {
        assertThat(strict.objection(CallbackUrl.parse("http://127.0.0.1:8081/")))
                .isPresent();
        assertThat(strict.objection(CallbackUrl.parse("http://127.0.0.1/"))).isPresent();
    }

    @Test
    void unlessItIsAskedForNothingIsJudged() throws Exception {
        var open = new CallbackTargets(false, List.of());

        assertThat(open.objection(CallbackUrl.parse("http://127.0.0.1/"))).isEmpty();
        assertThat(open.address(CallbackUrl.parse("http://no.such.name.invalid/"), 1))
                .isEmpty();
    }
}
