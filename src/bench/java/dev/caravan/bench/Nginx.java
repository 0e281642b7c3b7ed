package dev.caravan.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The synchronous baseline: an nginx that forwards to an nginx. */
final class Nginx implements AutoCloseable {

    private final Process upstream;
    private final Process proxy;
    private final int port;

    Nginx(Path folder, int upstreamPort, int port) throws IOException, InterruptedException {
        this.port = port;
        var function = new ProcessBuilder(script().toString());
        function.environment().putAll(Map.of("PORT", "" + upstreamPort, "BENCH_FOLDER", folder.toString()));
        upstream = function.inheritIO().start();
        Path config = folder.resolve("nginx-" + port + ".conf");
        Files.writeString(config, """
                worker_processes 2;
                daemon off;
                pid %1$s/nginx-%2$d.pid;
                error_log stderr error;
                events { worker_connections 1024; }
                http {
                  access_log off;
                  keepalive_requests 1000000000;
                  client_body_temp_path %1$s/body-%2$d;
                  proxy_temp_path %1$s/proxy-%2$d;
                  fastcgi_temp_path %1$s/fastcgi-%2$d;
                  uwsgi_temp_path %1$s/uwsgi-%2$d;
                  scgi_temp_path %1$s/scgi-%2$d;
                  upstream function {
                    server 127.0.0.1:%3$d;
                    keepalive 128;
                    keepalive_requests 1000000000;
                  }
                  server {
                    listen 127.0.0.1:%2$d backlog=1024;
                    location / {
                      proxy_pass http://function;
                      proxy_http_version 1.1;
                      proxy_set_header Connection "";
                    }
                  }
                }
                """.formatted(folder, port, upstreamPort));
        proxy = new ProcessBuilder("nginx", "-c", config.toString(), "-e", "stderr")
                .inheritIO()
                .start();
        Http.awaitAnswer(url(), Duration.ofSeconds(10), proxy);
    }

    static Path script() {
        return Path.of("src", "bench", "nginx-function.sh").toAbsolutePath();
    }

    String url() {
        return "http://127.0.0.1:" + port + "/";
    }

    @Override
    public void close() {
        proxy.destroy();
        upstream.destroy();
    }
}
