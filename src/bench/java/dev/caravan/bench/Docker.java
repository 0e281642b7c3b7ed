package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Functions in containers, on an engine of its own that root starts: what a call through Caravan takes above one to the
 * container itself, how long one takes when nothing runs, and how long a list of many replicas does.
 */
final class Docker implements AutoCloseable {

    private static final String IMAGE = "caravan-bench/nginx:1";
    private static final int TRIES = 20;
    private static final String PROJECT = "caravan-bench";

    /** Few, so that it is the way that is measured and not the crowd on it. */
    private static final int CONNECTIONS = 2;

    private static final int STARTS = 6;
    private static final int LISTS = 30;
    private static final int FUNCTIONS = 20;
    private static final int REPLICAS = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path folder;
    private final Report report;
    private final Path home;
    private final String host;
    private final Process engine;

    Docker(Path folder, Report report) throws IOException, InterruptedException {
        this.folder = folder;
        this.report = report;
        this.home = Files.createDirectories(folder.resolve("engine"));
        // The path of a socket has at most 108 letters.
        Path socket = Files.createTempDirectory("caravan-bench").resolve("socket");
        this.host = "unix://" + socket;
        this.engine = new ProcessBuilder(
                        "dockerd",
                        "--data-root=" + home.resolve("data"),
                        "--exec-root=" + socket.resolveSibling("exec"),
                        "--pidfile=" + socket.resolveSibling("pid"),
                        "--host=" + host,
                        "--bridge=none",
                        "--iptables=false",
                        "--default-address-pool=base=198.18.0.0/20,size=24")
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!answers()) {
            if (!engine.isAlive() || System.nanoTime() > deadline) {
                throw new IOException(
                        "dockerd does not start; it needs root, and said:\n" + Files.readString(home.resolve("log")));
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    void measure(int rounds, Duration warmUp, Duration length) throws IOException, InterruptedException {
        build();
        Map<String, String> settings = Map.of(
                "CARAVAN_PROVIDER",
                "docker",
                "CARAVAN_DOCKER_HOST",
                host,
                "CARAVAN_DOCKER_PROJECT",
                PROJECT,
                "CARAVAN_STACK",
                "");
        try (Caravan caravan = new Caravan(folder, "caravan-docker", settings)) {
            deploy(caravan, "warm", 1);
            warm(caravan, rounds, warmUp, length);
            fromZero(caravan);
            list(caravan);
        }
    }

    private void warm(Caravan caravan, int rounds, Duration warmUp, Duration length)
            throws IOException, InterruptedException {
        String title = "a call to a container, " + CONNECTIONS + " connections";
        String direct = "http://" + address() + ":8080/";
        String through = caravan.url("/function/warm");
        for (int round = 1; round <= rounds; round++) {
            Bench.progress(title + ", round " + round);
            Wrk.get(direct, CONNECTIONS, warmUp);
            Wrk baseline = Wrk.get(direct, CONNECTIONS, length);
            report.baseline(title, "p50", "ms", baseline.p50());
            report.baseline(title, "p99", "ms", baseline.p99());
            Wrk.get(through, CONNECTIONS, warmUp);
            Wrk measured = Wrk.get(through, CONNECTIONS, length);
            report.caravan(title, "p50", "ms", measured.p50());
            report.caravan(title, "p99", "ms", measured.p99());
        }
    }

    private void fromZero(Caravan caravan) throws IOException, InterruptedException {
        String title = "a container from zero, image on the engine";
        Bench.progress(title);
        for (int start = 0; start < STARTS; start++) {
            scale(caravan, "warm", 0);
            while (!docker("ps", "--quiet").isBlank()) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
            long begin = System.nanoTime();
            Http.get(caravan.url("/function/warm"));
            report.caravan(title, "call", "ms", (System.nanoTime() - begin) / 1e6);
        }
        for (int start = 0; start < STARTS; start++) {
            scale(caravan, "warm", 0);
            while (!docker("ps", "--quiet").isBlank()) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
            String container = docker("ps", "--all", "--quiet").strip();
            long begin = System.nanoTime();
            docker("start", container);
            report.baseline(title, "call", "ms", (System.nanoTime() - begin) / 1e6);
            docker("stop", container);
        }
    }

    private void list(Caravan caravan) throws IOException, InterruptedException {
        String title = "list of " + FUNCTIONS + " functions with " + FUNCTIONS * REPLICAS + " replicas";
        Bench.progress(title);
        for (int function = 0; function < FUNCTIONS; function++) {
            deploy(caravan, "many-" + function, REPLICAS);
        }
        for (int i = 0; i < LISTS; i++) {
            list(caravan, title, "plain", "/system/functions");
        }
        for (int i = 0; i < LISTS / 5; i++) {
            TimeUnit.MILLISECONDS.sleep(1_100); // figures are a second fresh
            list(caravan, title, "with usage", "/system/functions?usage=1");
        }
    }

    private void list(Caravan caravan, String title, String quantity, String path)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        JsonNode functions = caravan.system("GET", path, "");
        report.caravan(title, quantity, "ms", (System.nanoTime() - begin) / 1e6);
        if (functions.size() <= FUNCTIONS) {
            throw new IOException("only " + functions.size() + " functions are listed");
        }
    }

    private void deploy(Caravan caravan, String name, int replicas) throws IOException, InterruptedException {
        caravan.system(
                "POST",
                "/system/functions",
                Http.JSON.writeValueAsString(Map.of(
                        "service", name, "image", IMAGE, "labels", Map.of("com.openfaas.scale.min", "" + replicas))));
        await(caravan, name, replicas);
    }

    private void scale(Caravan caravan, String name, int replicas) throws IOException, InterruptedException {
        caravan.system("POST", "/system/scale-function/" + name, "{\"replicas\": " + replicas + "}");
        await(caravan, name, replicas);
    }

    private static void await(Caravan caravan, String name, int replicas) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (available(caravan, name) != replicas) {
            if (System.nanoTime() > deadline) {
                throw new IOException(name + " does not come to " + replicas + " replicas");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** An answer without it means none. */
    private static int available(Caravan caravan, String name) throws IOException, InterruptedException {
        return caravan.system("GET", "/system/function/" + name, "")
                .path("availableReplicas")
                .asInt(0);
    }

    private String address() throws IOException, InterruptedException {
        String container = docker("ps", "--quiet").strip();
        return docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container)
                .strip();
    }

    /** Of nothing but nginx and the libraries that it needs: no image can be pulled everywhere. */
    private void build() throws IOException, InterruptedException {
        Path root = Files.createDirectories(folder.resolve("nginx-image"));
        Path nginx = Stream.of(System.getenv("PATH").split(":"))
                .map(place -> Path.of(place, "nginx"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
        List<Path> files = new ArrayList<>(List.of(nginx));
        for (String word : run(List.of("ldd", nginx.toString())).split("\\s+")) {
            if (word.startsWith("/")) {
                files.add(Path.of(word));
            }
        }
        for (Path file : files) {
            Path copy = root.resolve(file.toString().substring(1));
            Files.createDirectories(copy.getParent());
            Files.copy(file.toRealPath(), copy);
            copy.toFile().setExecutable(true, false);
        }
        Files.createDirectories(root.resolve("tmp"));
        Files.writeString(root.resolve("tmp/empty"), "");
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), "root:x:0:0::/:/\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\n");
        Files.writeString(root.resolve("nginx.conf"), """
                user root root;
                daemon off;
                master_process off;
                pid /tmp/nginx.pid;
                error_log stderr error;
                events { worker_connections 1024; }
                http {
                  access_log off;
                  keepalive_requests 1000000000;
                  client_body_temp_path /tmp/body;
                  proxy_temp_path /tmp/proxy;
                  fastcgi_temp_path /tmp/fastcgi;
                  uwsgi_temp_path /tmp/uwsgi;
                  scgi_temp_path /tmp/scgi;
                  server {
                    listen 8080 backlog=1024;
                    location / { return 200 "constant"; }
                  }
                }
                """);
        Files.writeString(
                root.resolve("Dockerfile"),
                "FROM scratch\nCOPY . /\nSTOPSIGNAL SIGTERM\nENTRYPOINT [\"" + nginx
                        + "\", \"-c\", \"/nginx.conf\", \"-e\", \"stderr\"]\n");
        docker("build", "--quiet", "--tag", IMAGE, root.toString());
    }

    private boolean answers() throws IOException, InterruptedException {
        return new ProcessBuilder("docker", "--host", host, "version")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private String docker(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("docker", "--host", host));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output.strip());
        }
        return output;
    }

    /** Removes all containers and their network, whose ends take a moment to be gone. */
    private boolean removed() throws IOException, InterruptedException {
        List<String> left = docker("ps", "--all", "--quiet").lines().toList();
        if (!left.isEmpty()) {
            List<String> remove = new ArrayList<>(List.of("rm", "--force"));
            remove.addAll(left);
            docker(remove.toArray(String[]::new));
        }
        try {
            docker("network", "rm", PROJECT);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (int tries = 1; !removed(); tries++) {
            if (tries == TRIES) {
                throw new IOException("network " + PROJECT + " of the private engine cannot be removed");
            }
            // The engine tells nobody when the ends are gone: it is asked again.
            Thread.sleep(1_000);
        }
        engine.destroy();
        engine.waitFor();
        run(List.of(
                "rm",
                "-rf",
                home.toString(),
                Path.of(host.substring(7)).getParent().toString()));
    }
}
