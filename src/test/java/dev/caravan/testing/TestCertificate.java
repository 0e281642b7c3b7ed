package dev.caravan.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A certificate for 127.0.0.1, and the authority that vouches for it and that nobody knows; made by the JDK's keytool.
 *
 * @param authority as PEM, like the others
 */
public record TestCertificate(Path authority, Path certificate, Path key) {

    private static final String PASSWORD = "changeit";

    public static TestCertificate in(Path folder) throws Exception {
        Files.createDirectories(folder);
        Path store = folder.resolve("store");
        keytool(store, "-genkeypair", "-alias", "authority", "-dname", "CN=authority", "-ext", "bc:c=ca:true");
        keytool(
                store,
                "-genkeypair",
                "-alias",
                "redis",
                "-dname",
                "CN=redis",
                "-ext",
                "san=ip:127.0.0.1",
                "-signer",
                "authority");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        Key key = keys.getKey("redis", PASSWORD.toCharArray());
        return new TestCertificate(
                pem(
                        folder.resolve("authority.pem"),
                        "CERTIFICATE",
                        keys.getCertificate("authority").getEncoded()),
                pem(
                        folder.resolve("redis.pem"),
                        "CERTIFICATE",
                        keys.getCertificate("redis").getEncoded()),
                pem(folder.resolve("redis.key"), "PRIVATE KEY", key.getEncoded()));
    }

    private static void keytool(Path store, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(words));
        command.addAll(
                List.of("-keyalg", "EC", "-validity", "2", "-keystore", store.toString(), "-storepass", PASSWORD));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(said).isZero();
    }

    private static Path pem(Path file, String kind, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }
}
