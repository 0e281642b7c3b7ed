package dev.caravan.resque;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is: {@code redis://user:password@host:port/database}, {@code rediss://} with TLS, {@code
 * redis+sentinel://host,host/master/database} (and {@code rediss+sentinel://}) where Sentinels know which one is the master.
 *
 * @param hosts of Redis, just one, or of the Sentinels
 * @param master what the Sentinels call it; null without them
 * @param user null for the default one
 * @param password null for none
 * @param sockets make TLS connections that trust an authority of the house's; null for those that Java trusts
 */
public record RedisAddress(
        boolean tls,
        List<Host> hosts,
        @Nullable String master,
        @Nullable String user,
        @Nullable String password,
        int database,
        @Nullable SSLSocketFactory sockets) {

    /** A name or address, and a port. */
    record Host(String name, int port) {}

    private static final int PORT = 6379;
    private static final int SENTINEL_PORT = 26_379;

    public RedisAddress {
        hosts = List.copyOf(hosts);
    }

    RedisAddress(
            boolean tls,
            List<Host> hosts,
            @Nullable String master,
            @Nullable String user,
            @Nullable String password,
            int database) {
        this(tls, hosts, master, user, password, database, null);
    }

    /** @throws IllegalArgumentException with what was expected; it does not repeat the text, which may hold a password */
    public static RedisAddress parse(String text) {
        int colon = text.indexOf("://");
        String scheme = colon < 0 ? "" : text.substring(0, colon);
        boolean sentinel = scheme.endsWith("+sentinel");
        String kind = sentinel ? scheme.substring(0, scheme.length() - "+sentinel".length()) : scheme;
        if (!kind.equals("redis") && !kind.equals("rediss")) {
            throw new IllegalArgumentException(
                    "must be redis://, rediss:// or redis+sentinel://HOST,HOST/MASTER, with user:password@ before the host");
        }
        String rest = text.substring(colon + 3);
        int slash = rest.indexOf('/', rest.lastIndexOf('@') + 1);
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash + 1).replaceAll("[?/].*$|/$", "");
        String tail = slash < 0 ? "" : rest.substring(slash + 1).replaceAll("\\?.*$", "");
        int at = authority.lastIndexOf('@');
        String[] who = at < 0 ? new String[0] : authority.substring(0, at).split(":", 2);
        String user = who.length == 2 && !who[0].isEmpty() ? decoded(who[0]) : null;
        String password = who.length == 2 ? decoded(who[1]) : who.length == 1 ? decoded(who[0]) : null;
        List<Host> hosts = new ArrayList<>();
        for (String host : authority.substring(at + 1).split(",")) {
            hosts.add(host(kind, host, sentinel ? SENTINEL_PORT : PORT));
        }
        if (!sentinel && hosts.size() > 1) {
            throw new IllegalArgumentException("names several hosts; that is for redis+sentinel://");
        }
        if (!sentinel) {
            return new RedisAddress(kind.equals("rediss"), hosts, null, user, password, database(path));
        }
        if (path.isEmpty()) {
            throw new IllegalArgumentException(
                    "must say which master the Sentinels watch: redis+sentinel://HOST,HOST/MASTER");
        }
        String[] parts = tail.split("/");
        return new RedisAddress(
                kind.equals("rediss"), hosts, parts[0], user, password, database(parts.length > 1 ? parts[1] : ""));
    }

    /** The same, signed in by what a file holds. */
    public RedisAddress withPassword(String secret) {
        return new RedisAddress(tls, hosts, master, user, secret, database, sockets);
    }

    /**
     * The same, with trust in what a file of certificates vouches for, and in nothing else.
     *
     * @param pem one certificate or several
     * @throws IllegalArgumentException with one line when there is none in it
     */
    public RedisAddress withAuthority(Path pem) throws IOException {
        return new RedisAddress(tls, hosts, master, user, password, database, Authority.of(pem));
    }

    private static Host host(String scheme, String text, int port) {
        try {
            URI uri = new URI(scheme + "://" + text);
            if (uri.getHost() == null) {
                throw new IllegalArgumentException("names no host");
            }
            return new Host(uri.getHost().replaceAll("[\\[\\]]", ""), uri.getPort() < 0 ? port : uri.getPort());
        } catch (URISyntaxException e) {
            // Without its cause, which repeats the text.
            throw new IllegalArgumentException("names no host that can be understood");
        }
    }

    private static int database(String text) {
        if (!text.matches("[0-9]{0,4}")) {
            throw new IllegalArgumentException("must end in the number of a database, or in none");
        }
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    private static String decoded(String text) {
        // A plus is itself here, unlike in a query.
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Without user and password. */
    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder(tls ? "rediss" : "redis").append(master == null ? "://" : "+sentinel://");
        for (Host host : hosts) {
            text.append(host.name()).append(':').append(host.port()).append(',');
        }
        text.setLength(text.length() - 1);
        if (master != null) {
            text.append('/').append(master);
        }
        return text.append('/').append(database).toString();
    }
}
