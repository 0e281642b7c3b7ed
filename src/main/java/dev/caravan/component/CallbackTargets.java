package dev.caravan.component;

import dev.caravan.function.CallbackUrl;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where callbacks may go. Whoever may call a function says where its result is posted, so without a limit here he has
 * Caravan knock at doors that only Caravan reaches (CWE-918).
 *
 * <p>A name is judged by the address that it stands for at the moment of delivery, and that very address is then
 * connected to: a name that means something else a moment later gains nothing.
 */
public final class CallbackTargets {

    /** Says no to an address, for good. */
    public static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    private final boolean denyPrivate;
    private final Set<String> allowed = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    /**
     * @param denyPrivate whether only addresses of the Internet at large are taken
     * @param allowed {@code host} or {@code host:port}, as a URL has them, that are taken all the same
     */
    public CallbackTargets(boolean denyPrivate, List<String> allowed) {
        this.denyPrivate = denyPrivate;
        this.allowed.addAll(allowed);
    }

    /** What is wrong with a URL as far as one can see without asking anybody; for the door. Does not block. */
    public Optional<String> objection(CallbackUrl url) {
        String host = url.uri().getHost();
        boolean literal = host.startsWith("[") || NetUtil.isValidIpV4Address(host);
        if (!judges(url) || !literal) {
            return Optional.empty();
        }
        try {
            return GlobalAddresses.isGlobal(InetAddress.getByName(host))
                    ? Optional.empty()
                    : Optional.of("must not be a private address");
        } catch (UnknownHostException e) {
            return Optional.of("must not be an address that there cannot be");
        }
    }

    /**
     * Which address to connect to; blocks while the name is looked up.
     *
     * @param turn which one to take when there are several
     * @return empty when it does not matter
     * @throws UnknownHostException when the name stands for nothing, now
     * @throws RefusedException when it stands for nothing that may be connected to
     */
    public Optional<InetAddress> address(CallbackUrl url, int turn) throws UnknownHostException, RefusedException {
        if (!judges(url)) {
            return Optional.empty();
        }
        List<InetAddress> global = Arrays.stream(InetAddress.getAllByName(url.host()))
                .filter(GlobalAddresses::isGlobal)
                .toList();
        if (global.isEmpty()) {
            throw new RefusedException("the callback URL leads to a private address");
        }
        return Optional.of(global.get(Math.floorMod(turn, global.size())));
    }

    private boolean judges(CallbackUrl url) {
        String host = url.uri().getHost();
        return denyPrivate && !allowed.contains(host) && !allowed.contains(host + ":" + url.port());
    }
}
