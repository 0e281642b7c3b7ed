package dev.caravan.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SwarmNetworkTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.1.0/24, 10.0.1.7, true",
        "10.0.1.0/24, 10.0.2.7, false",
        "10.0.1.64/26, 10.0.1.127, true",
        "10.0.1.64/26, 10.0.1.128, false",
        "fd00:1::/64, fd00:1::7, true",
        "fd00:1::/64, 10.0.1.7, false",
        "10.0.1.0, 10.0.1.0, false",
        "'', 10.0.1.7, false"
    })
    void anAddressIsWithinASubnetOrNot(String subnet, String address, boolean within) throws UnknownHostException {
        assertThat(SwarmNetwork.contains(subnet, InetAddress.getByName(address)))
                .isEqualTo(within);
    }
}
