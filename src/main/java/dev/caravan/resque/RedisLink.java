package dev.caravan.resque;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.caravan.resque.RedisAddress.Host;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * One connection to Redis, made when it is needed and anew when it broke. What was under way then may be done or not, so
 * nothing is asked twice here but what Redis said it did not know. For any thread, one at a time.
 */
final class RedisLink implements AutoCloseable {

    private static final int CONNECT_MILLIS = 5_000;
    private static final int ANSWER_MILLIS = 10_000;

    private final RedisAddress address;
    private final String name;
    private @Nullable Connection connection;

    /** @param name what {@code CLIENT LIST} shows, without spaces */
    RedisLink(RedisAddress address, String name) {
        this.address = address;
        this.name = name;
    }

    /** @throws RedisException when Redis is away or refuses */
    synchronized @Nullable Object ask(Command command, String... words) {
        return asked(command, Stream.of(words).map(word -> word.getBytes(UTF_8)).toArray(byte[][]::new));
    }

    /** @throws RedisException when Redis is away or refuses */
    synchronized @Nullable Object askBytes(Command command, byte[]... words) {
        return asked(command, words);
    }

    /**
     * Many in one go. What one of them is refused stands in its place, as an exception.
     *
     * @throws RedisException when Redis is away
     */
    synchronized List<Object> askAll(List<Question> questions) {
        if (questions.isEmpty()) {
            return List.of();
        }
        return guarded(open -> {
            questions.forEach(question -> open.sendCommand(question.command(), question.words()));
            return open.getMany(questions.size());
        });
    }

    /** One command. */
    record Question(Command command, String... words) {}

    /** @param words each a {@code byte[]}, or what is written as text */
    synchronized @Nullable Object run(RedisScript script, List<?> words) {
        byte[][] call = new byte[words.size() + 2][];
        call[0] = script.sha1();
        call[1] = new byte[] {'0'};
        for (int i = 0; i < words.size(); i++) {
            Object word = words.get(i);
            call[i + 2] = word instanceof byte[] bytes ? bytes : word.toString().getBytes(UTF_8);
        }
        try {
            return asked(Command.EVALSHA, call);
        } catch (RedisException e) {
            if (!String.valueOf(e.getMessage()).startsWith("NOSCRIPT")) {
                throw e;
            }
            call[0] = script.text();
            return asked(Command.EVAL, call);
        }
    }

    private @Nullable Object asked(Command command, byte[]... words) {
        return guarded(open -> {
            open.sendCommand(command, words);
            return open.getOne();
        });
    }

    private <T extends @Nullable Object> T guarded(Function<Connection, T> exchange) {
        try {
            return exchange.apply(connection());
        } catch (JedisDataException refused) {
            String message = String.valueOf(refused.getMessage());
            if (message.startsWith("READONLY") || message.startsWith("LOADING") || message.startsWith("MASTERDOWN")) {
                // Another one may be the master now.
                close();
            }
            throw new RedisException(message, false, refused);
        } catch (JedisException away) {
            close();
            throw new RedisException(
                    "Redis at " + address + " does not answer: " + reason(away),
                    away instanceof JedisConnectionException,
                    away);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return String.valueOf(cause.getMessage());
    }

    private Connection connection() {
        Connection open = connection;
        if (open == null || open.isBroken()) {
            close();
            open = connect(address.master() == null ? address.hosts().get(0) : master(address.master()), true);
            connection = open;
        }
        return open;
    }

    private Connection connect(Host host, boolean signIn) {
        var options = DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis(CONNECT_MILLIS)
                .socketTimeoutMillis(ANSWER_MILLIS)
                .ssl(address.tls());
        if (signIn) {
            options.user(address.user())
                    .password(address.password())
                    .database(address.database())
                    .clientName(name);
        }
        if (address.tls()) {
            var checked = new SSLParameters();
            checked.setEndpointIdentificationAlgorithm("HTTPS");
            options.sslParameters(checked).sslSocketFactory(address.sockets());
        }
        var made = new Connection(new HostAndPort(host.name(), host.port()), options.build());
        try {
            made.connect();
            return made;
        } catch (JedisException e) {
            made.close();
            throw e;
        }
    }

    /** Asks one Sentinel after the other. */
    private Host master(String master) {
        JedisException last = new JedisConnectionException("no Sentinel was asked");
        for (Host sentinel : address.hosts()) {
            try (Connection asked = connect(sentinel, false)) {
                asked.sendCommand(Command.SENTINEL, "get-master-addr-by-name", master);
                if (asked.getOne() instanceof List<?> found && found.size() == 2) {
                    return new Host(text(found.get(0)), Integer.parseInt(text(found.get(1))));
                }
                last = new JedisConnectionException(String.format(
                        Locale.ROOT,
                        "Sentinel %s:%d knows no master \"%s\"",
                        sentinel.name(),
                        sentinel.port(),
                        master));
            } catch (JedisException e) {
                last = e;
            }
        }
        throw last;
    }

    /** What Redis answered, as text; empty for nothing. */
    static String text(@Nullable Object answer) {
        return answer instanceof byte[] bytes ? new String(bytes, UTF_8) : answer == null ? "" : answer.toString();
    }

    /** The next who asks makes another connection. */
    @Override
    public synchronized void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (JedisException ignored) {
                // It was broken; that is why it is closed.
                open.setBroken();
            }
        }
    }
}
