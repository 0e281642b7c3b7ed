package dev.caravan;

import dev.caravan.gateway.auth.PasswordHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * {@code ./caravan hash-password}: reads a password, one line from standard input, and prints the bcrypt hash that stands
 * for it in the users file.
 */
public final class HashPassword {

    /** bcrypt reads no more, so the rest of a longer one would not count. */
    private static final int MAX_BYTES = 72;

    private HashPassword() {}

    public static void main(String[] arguments) throws IOException {
        System.exit(run(System.in, System.out, System.err));
    }

    /** @return the exit code */
    static int run(InputStream in, PrintStream out, PrintStream err) throws IOException {
        byte[] all = in.readNBytes(MAX_BYTES * 4);
        String line =
                new String(all, StandardCharsets.UTF_8).lines().findFirst().orElse("");
        byte[] password = line.getBytes(StandardCharsets.UTF_8);
        if (password.length == 0 || password.length > MAX_BYTES) {
            err.println("caravan: a password has 1 to " + MAX_BYTES + " bytes, this has "
                    + (password.length == 0 ? "none" : "more"));
            return 1;
        }
        out.println(PasswordHash.of(password));
        return 0;
    }
}
