package dev.caravan.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Stand-ins for the official images that {@code docker/compose.yaml} and {@code docker/stack.yaml} name: programs of
 * Debian's packages, with the users, folders and entry points of the official ones.
 */
public final class ServiceImages {

    private static final Path ENTRY_POINTS = Path.of("src/test/resources/dev/caravan/testing/images");
    private static final Path POSTGRES = Path.of("/usr/lib/postgresql");

    private ServiceImages() {}

    /** Makes them, and Caravan's own. @return the variables by which the files take them */
    public static Map<String, String> make(HostImages images) throws IOException, InterruptedException {
        postgres(images, "caravan-test/postgres:1");
        redis(images, "caravan-test/redis:1");
        measuring(images, "caravan-test/prometheus:1", "/prometheus", HostProgram.require("prometheus", "prometheus"));
        measuring(
                images,
                "caravan-test/alertmanager:1",
                "/alertmanager",
                HostProgram.require("prometheus-alertmanager", "prometheus-alertmanager"),
                "/usr/share/prometheus/alertmanager");
        images.makeCaravan();
        return Map.of(
                "CARAVAN_IMAGE", HostImages.CARAVAN,
                "POSTGRES_IMAGE", "caravan-test/postgres:1",
                "REDIS_IMAGE", "caravan-test/redis:1",
                "PROMETHEUS_IMAGE", "caravan-test/prometheus:1",
                "ALERTMANAGER_IMAGE", "caravan-test/alertmanager:1");
    }

    private static void postgres(HostImages images, String tag) throws IOException, InterruptedException {
        Optional<Path> installed = Optional.empty();
        if (Files.isDirectory(POSTGRES)) {
            try (Stream<Path> versions = Files.list(POSTGRES)) {
                installed = versions.filter(version -> Files.exists(version.resolve("bin/initdb")))
                        .max(Comparator.comparing(Path::toString));
            }
        }
        Requirement.that(installed.isPresent(), "SKIPPED: no PostgreSQL; Debian's package is postgresql");
        Path programs = installed.orElseThrow();
        images.make(
                tag,
                """
                ENV PATH=%s/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data
                RUN echo 'postgres:x:999:999::/:/bin/sh' >>/etc/passwd && echo 'postgres:x:999:' >>/etc/group && \\
                  mkdir -p /var/lib/postgresql/data /run/postgresql /var/run /usr/share/zoneinfo && \\
                  ln -s /run/postgresql /var/run/postgresql && \\
                  chown postgres:postgres /var/lib/postgresql/data /run/postgresql && \\
                  chmod 1777 /var/lib/postgresql/data && chmod 3777 /run/postgresql
                VOLUME /var/lib/postgresql/data
                STOPSIGNAL SIGINT
                ENTRYPOINT ["/entrypoint.sh"]
                CMD ["postgres"]
                """.formatted(programs),
                Map.of("entrypoint.sh", ENTRY_POINTS.resolve("postgres.sh")),
                programs + "/bin/initdb",
                programs + "/bin/pg_ctl",
                programs + "/bin/pg_isready",
                programs + "/bin/postgres",
                programs + "/bin/psql",
                programs + "/lib/dict_snowball.so",
                programs + "/lib/plpgsql.so",
                "/usr/share/postgresql/" + programs.getFileName(),
                "/usr/bin/setpriv");
    }

    private static void redis(HostImages images, String tag) throws IOException, InterruptedException {
        images.make(
                tag,
                """
                ENV PATH=/usr/bin:/bin
                RUN echo 'redis:x:999:999::/:/bin/sh' >>/etc/passwd && echo 'redis:x:999:' >>/etc/group && \\
                  mkdir /data && chown redis:redis /data
                VOLUME /data
                WORKDIR /data
                ENTRYPOINT ["/entrypoint.sh"]
                CMD ["redis-server"]
                """,
                Map.of("entrypoint.sh", ENTRY_POINTS.resolve("redis.sh")),
                HostProgram.require("redis-server", "redis-server"),
                HostProgram.require("redis-cli", "redis-server"),
                "/usr/bin/setpriv");
    }

    private static void measuring(HostImages images, String tag, String folder, String... contents)
            throws IOException, InterruptedException {
        images.make(tag, """
                RUN mkdir %1$s && chown 65534:65534 %1$s
                USER 65534
                VOLUME %1$s
                WORKDIR %1$s
                ENTRYPOINT ["%2$s"]
                """.formatted(folder, contents[0]), Map.of(), contents);
    }
}
