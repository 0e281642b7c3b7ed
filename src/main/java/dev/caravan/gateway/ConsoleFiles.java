package dev.caravan.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The console's files: ours from the folder {@code console}, and those of its libraries from their jars, below {@code
 * lib/NAME/}. Each is read when it is first asked for, and kept as it is and compressed.
 */
final class ConsoleFiles {

    /**
     * One file.
     *
     * @param tag its entity tag, which changes with its content
     */
    record ConsoleFile(String name, byte[] bytes, byte[] gzip, String tag) {

        String contentType() {
            String ending = name.substring(name.lastIndexOf('.') + 1);
            return switch (ending) {
                case "html" -> "text/html; charset=utf-8";
                case "css" -> "text/css; charset=utf-8";
                case "svg" -> "image/svg+xml";
                default -> "text/javascript; charset=utf-8";
            };
        }
    }

    /** Names of our own and of the libraries' files; nothing that could lead out of their folders. */
    private static final Pattern NAME =
            Pattern.compile("(?:[a-z0-9-]{1,40}/){0,4}[a-z0-9-]{1,40}\\.(?:js|css|svg|html)");

    /** Group and artifact of each library's jar; by its artifact it stands below {@code lib/}. */
    private static final Map<String, String> LIBRARIES = Stream.of(
                    "org.mvnpm/lit",
                    "org.mvnpm/lit-html",
                    "org.mvnpm/lit-element",
                    "org.mvnpm.at.lit/reactive-element",
                    "org.mvnpm.at.codemirror/commands",
                    "org.mvnpm.at.codemirror/lang-json",
                    "org.mvnpm.at.codemirror/lang-yaml",
                    "org.mvnpm.at.codemirror/language",
                    "org.mvnpm.at.codemirror/state",
                    "org.mvnpm.at.codemirror/view",
                    "org.mvnpm.at.lezer/common",
                    "org.mvnpm.at.lezer/highlight",
                    "org.mvnpm.at.lezer/json",
                    "org.mvnpm.at.lezer/lr",
                    "org.mvnpm.at.lezer/yaml",
                    "org.mvnpm.at.marijn/find-cluster-break",
                    "org.mvnpm/style-mod",
                    "org.mvnpm/w3c-keyname")
            .collect(Collectors.toUnmodifiableMap(jar -> jar.substring(jar.indexOf('/') + 1), jar -> jar));

    private static final String LIBRARY = "lib/";

    private final Map<String, ConsoleFile> read = new ConcurrentHashMap<>();

    /** @param name below {@code /ui/}, as it was sent */
    Optional<ConsoleFile> find(String name) {
        ConsoleFile known = read.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        String resource = name.startsWith(LIBRARY) ? inJar(name.substring(LIBRARY.length())) : "/console/" + name;
        byte[] bytes = resource == null ? null : bytes(resource);
        if (bytes == null) {
            return Optional.empty();
        }
        var file = new ConsoleFile(
                name, bytes, compressed(bytes), "W/\"" + sha256(bytes).substring(0, 22) + "\"");
        read.put(name, file); // there are only as many as there are files
        return Optional.of(file);
    }

    /** Where a library's jar has the file; the version in that path is known to the jar alone. */
    private static @Nullable String inJar(String name) {
        String library = name.substring(0, Math.max(0, name.indexOf('/')));
        String coordinates = LIBRARIES.get(library);
        if (coordinates == null) {
            return null;
        }
        var properties = new Properties();
        try (InputStream in =
                ConsoleFiles.class.getResourceAsStream("/META-INF/maven/" + coordinates + "/pom.properties")) {
            if (in == null) {
                throw new IllegalStateException("library " + coordinates + " is missing: the build is broken");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "/META-INF/resources/_static/" + library + "/" + properties.getProperty("version")
                + name.substring(library.length());
    }

    private static byte @Nullable [] bytes(String resource) {
        try (InputStream in = ConsoleFiles.class.getResourceAsStream(resource)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] compressed(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** In base64. */
    static String sha256(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
