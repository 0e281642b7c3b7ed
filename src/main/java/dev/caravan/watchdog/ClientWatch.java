package dev.caravan.watchdog;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Tells whether the client of a call that runs is still there.
 *
 * <p>The JDK's server looks at a connection again only after its call was answered. So this asks the kernel: Linux lists
 * the connections of a network namespace in {@code /proc/net/tcp} and {@code tcp6} (proc(5)). Where there is no such
 * list, or one that does not even know our own listening socket, every client counts as present.
 */
final class ClientWatch {

    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    private static final String ESTABLISHED = "01";
    private static final String LISTENING = "0A";
    private static final String MAPPED = "0000000000000000FFFF0000";

    /** How old an answer may be: all calls that run share one look at the list, which can be long. */
    private static final long FRESH = TimeUnit.SECONDS.toNanos(1);

    private final String port;
    private Set<String> present = Set.of();
    private boolean trusted;
    private boolean looked;
    private long lookedAt;

    /** @param port on which the server listens */
    ClientWatch(int port) {
        this.port = hex(port);
    }

    /** Whether the client has closed its connection, or at least will not send any more. */
    synchronized boolean isGone(InetSocketAddress client) {
        long now = System.nanoTime();
        if (!looked || now - lookedAt >= FRESH) {
            look();
            looked = true;
            lookedAt = now;
        }
        return trusted && !present.contains(hex(client.getAddress()) + ":" + hex(client.getPort()));
    }

    private void look() {
        Set<String> found = new HashSet<>();
        boolean listening = false;
        for (Path table : TABLES) {
            try (BufferedReader lines = Files.newBufferedReader(table, StandardCharsets.US_ASCII)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] columns = line.strip().split(" +", 5); // number, ours, the client's, state
                    if (columns.length == 5 && columns[1].endsWith(":" + port)) {
                        listening |= columns[3].equals(LISTENING);
                        if (columns[3].equals(ESTABLISHED)) {
                            found.add(columns[2].startsWith(MAPPED) ? columns[2].substring(24) : columns[2]);
                        }
                    }
                }
            } catch (IOException e) {
                continue; // a kernel without that protocol, or no Linux
            }
        }
        present = found;
        trusted = listening;
    }

    /** As the kernel prints it: words of 32 bits in the machine's byte order. */
    private static String hex(InetAddress address) {
        byte[] bytes = address.getAddress();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            int at = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? i / 4 * 4 + 3 - i % 4 : i;
            text.append(String.format(Locale.ROOT, "%02X", bytes[at]));
        }
        return text.toString();
    }

    private static String hex(int port) {
        return String.format(Locale.ROOT, "%04X", port);
    }
}
