package dev.caravan.gateway.auth;

import dev.caravan.config.AccessSettings;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who somebody is by the word of a proxy that he has signed in to: only of those whose addresses are said, and only of the
 * one that the connection comes from; what is in {@code X-Forwarded-For} is anybody's word.
 */
public final class ProxyAuth {

    /** Nobody's word counts. */
    public static final ProxyAuth NONE =
            new ProxyAuth(new AccessSettings(false, List.of(), "X-Forwarded-User", "X-Forwarded-Groups", Map.of()), "");

    private static final int LONGEST_NAME = 256;

    /** @param shift how many of the last bits do not count */
    private record Network(BigInteger prefix, int length, int shift) {

        static Network of(String text) {
            int slash = text.indexOf('/');
            byte[] address = bytes(slash < 0 ? text : text.substring(0, slash));
            int bits = address.length * 8;
            int shift = slash < 0 ? 0 : bits - Integer.parseInt(text.substring(slash + 1));
            return new Network(new BigInteger(1, address).shiftRight(shift), address.length, shift);
        }

        boolean has(byte[] address) {
            return address.length == length
                    && new BigInteger(1, address).shiftRight(shift).equals(prefix);
        }
    }

    private final List<Network> networks;
    private final String userHeader;
    private final String groupsHeader;
    private final Map<String, Grant> grants;

    /** @param defaultNamespace of functions that a group's role names without one */
    public ProxyAuth(AccessSettings settings, String defaultNamespace) {
        networks = settings.proxies().stream().map(Network::of).toList();
        userHeader = settings.userHeader();
        groupsHeader = settings.groupsHeader();
        grants = settings.groups().entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, group -> Grant.parse(group.getValue(), defaultNamespace)));
    }

    /** Whether there is a proxy whose word counts. */
    public boolean any() {
        return !networks.isEmpty();
    }

    public String userHeader() {
        return userHeader;
    }

    public String groupsHeader() {
        return groupsHeader;
    }

    /** Whether a connection from there comes from such a proxy. */
    public boolean trusts(String address) {
        if (networks.isEmpty() || address.isEmpty()) {
            return false;
        }
        byte[] bytes = bytes(address);
        return networks.stream().anyMatch(network -> network.has(bytes));
    }

    /**
     * Who it is, with the highest role of all groups, and what the groups with that role see together; empty when none
     * of them has one, or the name is none.
     *
     * @param groups with commas between them; null for none
     */
    public Optional<Caller> caller(String user, @Nullable String groups) {
        boolean named =
                !user.isBlank() && user.length() <= LONGEST_NAME && user.chars().noneMatch(Character::isISOControl);
        List<String> all =
                groups == null ? List.of() : Arrays.asList(groups.strip().split("\\s*,\\s*"));
        List<Grant> given = grants.entrySet().stream()
                .filter(group -> named && (group.getKey().equals("*") || all.contains(group.getKey())))
                .map(Map.Entry::getValue)
                .toList();
        return given.isEmpty() ? Optional.empty() : Optional.of(new Caller(user.strip(), Grant.joined(given)));
    }

    private static byte[] bytes(String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + address, e);
        }
    }
}
