package dev.caravan.resque;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;

/** The steps that Redis does in one. Each script stands in a file of its own name, behind the words they share. */
enum RedisScript {
    /** A worker's turn: what it has finished, and what it takes next. */
    TURN,
    /** A worker is here, and lives. */
    REGISTER,
    /** A worker leaves. */
    LEAVE,
    /** The jobs of a worker that is gone go back. */
    REAP,
    /** A job comes in. */
    PUSH,
    /** Delayed jobs that are due go to their queues. */
    MOVE,
    /** A job that failed is tried again. */
    RETRY,
    /** A record of a failure goes. */
    REMOVE,
    /** All of them go. */
    CLEAR;

    private final byte[] text =
            (source("shared") + source(name().toLowerCase(Locale.ROOT))).getBytes(StandardCharsets.UTF_8);
    private final byte[] sha1 = sha1(text);

    private static String source(String name) {
        try (InputStream in = Objects.requireNonNull(
                RedisScript.class.getResourceAsStream(name + ".lua"), () -> name + ".lua is missing")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What Redis calls it by. */
    private static byte[] sha1(byte[] text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text);
            return HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    byte[] text() {
        return text;
    }

    byte[] sha1() {
        return sha1;
    }
}
