package dev.caravan.component;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Which addresses belong to the Internet at large, and which to this machine, its network or nobody: the blocks that
 * the IANA special-purpose address registries (RFC 6890) call not globally reachable, and multicast.
 */
final class GlobalAddresses {

    /** A block of addresses: those that begin with the same bits. */
    private record Block(byte[] start, int bits) {

        static Block of(String text) {
            int slash = text.indexOf('/');
            try {
                // A literal: nothing is looked up.
                byte[] start = InetAddress.getByName(text.substring(0, slash)).getAddress();
                return new Block(start, Integer.parseInt(text.substring(slash + 1)));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("not a block: " + text, e);
            }
        }

        boolean holds(byte[] address) {
            if (address.length != start.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if ((address[bit >> 3] & mask) != (start[bit >> 3] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final List<Block> V4 = blocks(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4");

    /** Of IPv6 only this block is given out for the Internet; everything else is local, mapped, multicast or unused. */
    private static final Block V6 = Block.of("2000::/3");

    private static final List<Block> V6_EXCEPTIONS = blocks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /** Addresses that carry an IPv4 address for a gateway which translates (RFC 6052). */
    private static final Block TRANSLATED = Block.of("64:ff9b::/96");

    private GlobalAddresses() {}

    static boolean isGlobal(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return V4.stream().noneMatch(block -> block.holds(bytes));
        }
        if (TRANSLATED.holds(bytes)) {
            byte[] inner = Arrays.copyOfRange(bytes, 12, 16);
            return V4.stream().noneMatch(block -> block.holds(inner));
        }
        return V6.holds(bytes) && V6_EXCEPTIONS.stream().noneMatch(block -> block.holds(bytes));
    }

    private static List<Block> blocks(String... texts) {
        return Arrays.stream(texts).map(Block::of).toList();
    }
}
