package dev.caravan;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The walls of the house, each named by the sentence it holds to. A room that is not there yet passes. When a wall is in
 * the way of something good, move it here in the same change and say why.
 *
 * <p>"Main" is the package {@code dev.caravan} itself: the composition root, which sees every room.
 */
class ArchitectureTest {

    private static final String HOUSE = "dev.caravan";
    private static final String MAIN = "";
    private static final String BROKEN_HOUSE = "dev.caravan.architecture.broken";

    private static final JavaClasses OURS = new ClassFileImporter()
            // Not ArchUnit's own option, which knows only target/test-classes, while verify also builds elsewhere.
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages(HOUSE);
    private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(BROKEN_HOUSE);

    @ParameterizedTest
    @MethodSource("everyWall")
    void wallStands(ArchRule wall) {
        wall.check(OURS);
    }

    /** A rule that cannot fail guards nothing, so each must find what was built to break it. */
    @ParameterizedTest
    @MethodSource("brokenWalls")
    void wallIsSeenWhenItFalls(ArchRule wall) {
        assertThatThrownBy(() -> wall.check(BROKEN)).isInstanceOf(AssertionError.class);
    }

    @Test
    void everyPackageSaysWhatNullMeans() throws IOException {
        List<Path> folders;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java/dev/caravan"))) {
            folders = files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .toList();
        }
        var unmarked = new ArrayList<Path>();
        for (Path folder : folders) {
            Path packageInfo = folder.resolve("package-info.java");
            if (Files.notExists(packageInfo) || !Files.readString(packageInfo).contains("@NullMarked")) {
                unmarked.add(folder);
            }
        }

        assertThat(unmarked)
                .as("packages without a @NullMarked package-info.java")
                .isEmpty();
    }

    static Stream<Named<ArchRule>> everyWall() {
        return Stream.concat(walls(HOUSE), wallsOfRoomsToCome(HOUSE)).map(ArchitectureTest::named);
    }

    static Stream<Named<ArchRule>> brokenWalls() {
        return walls(BROKEN_HOUSE).map(ArchitectureTest::named);
    }

    private static Named<ArchRule> named(ArchRule wall) {
        return Named.of(wall.getDescription(), wall);
    }

    private static Stream<ArchRule> walls(String house) {
        return Stream.of(
                knowsOnlyTheJdk("function", house),
                knowsOnlyTheJdk("config", house),
                knowsOnlyTheJdk("watchdog", house),
                slices().matching(house + ".provider.(*)..")
                        .should()
                        .notDependOnEachOther()
                        .ignoreDependency(alwaysTrue(), resideInAPackage(house + ".provider.engine"))
                        .allowEmptyShould(true)
                        .as("a provider knows no other provider"),
                slices().matching(house + ".(*)..").should().beFreeOfCycles().as("rooms know each other one way only"),
                onlyDepends(
                        "only the queue room speaks JMS, and where Camel's JMS component is handed its parts",
                        house,
                        List.of("queue", "component.jms"),
                        "jakarta.jms..",
                        "org.apache.activemq..",
                        "org.messaginghub.."),
                onlyDepends(
                        "Spring comes with Camel's JMS component: for that it is there, and for its cron expressions",
                        house,
                        List.of("queue", "component.jms", "component.clock"),
                        "org.springframework.."),
                onlyDepends(
                        "only the ledger speaks to a database",
                        house,
                        List.of("ledger"),
                        "java.sql..",
                        "javax.sql..",
                        "com.zaxxer..",
                        "org.h2..",
                        "org.postgresql.."),
                onlyDepends(
                        "only telemetry measures, and arranges the log",
                        house,
                        List.of("telemetry"),
                        "io.micrometer..",
                        "io.prometheus..",
                        "ch.qos.logback.."),
                onlyDepends(
                        "only the gateway, the components, the management port and Main know Vert.x",
                        house,
                        List.of(MAIN, "gateway", "component", "telemetry"),
                        "io.vertx..",
                        "io.netty.."),
                onlyDepends(
                        "only the gateway, the components and Main know Camel",
                        house,
                        List.of(MAIN, "gateway", "component"),
                        "org.apache.camel.."),
                onlyDepends("only the Resque room speaks to Redis", house, List.of("resque"), "redis.clients.."),
                onlyDepends("everybody logs by SLF4J", house, List.of(), "java.util.logging.."),
                onlyUses(
                        "only Main, config and the watchdog read the environment",
                        house,
                        List.of(MAIN, "config", "watchdog"),
                        target -> is(target, System.class, "getenv")),
                onlyUses(
                        "only Main asks what time it is, and the watchdog's, everybody else is given an InstantSource",
                        house,
                        List.of(MAIN, "watchdog"),
                        ArchitectureTest::readsTheClock),
                onlyUses(
                        "only Main prints, and the watchdog, whose output is its log",
                        house,
                        List.of(MAIN, "watchdog"),
                        target -> is(target, System.class, "out", "err")),
                onlyUses(
                        "nobody prints a stack trace",
                        house,
                        List.of(),
                        target -> target.getName().equals("printStackTrace")),
                noFields()
                        .that()
                        .areDeclaredInClassesThat()
                        .resideInAPackage(house + "..")
                        .should()
                        .beAnnotatedWith("org.apache.camel.BeanInject")
                        .orShould()
                        .beAnnotatedWith("org.apache.camel.PropertyInject")
                        .orShould()
                        .beAnnotatedWith("org.apache.camel.EndpointInject")
                        .orShould()
                        .beAnnotatedWith("org.apache.camel.Produce")
                        .orShould()
                        .beAnnotatedWith("jakarta.inject.Inject")
                        .orShould()
                        .beAnnotatedWith("jakarta.annotation.Resource")
                        .allowEmptyShould(true)
                        .as("nothing is injected into fields: a constructor says what is needed"));
    }

    /** Their libraries are not on the class path yet, so nothing can break them; the walls wait for the rooms. */
    private static Stream<ArchRule> wallsOfRoomsToCome(String house) {
        return Stream.of(
                onlyDepends(
                        "only the Docker providers and the image build speak to an engine",
                        house,
                        List.of("provider.engine", "provider.docker", "provider.swarm", "build"),
                        "com.github.dockerjava.."),
                onlyDepends(
                        "only the Kubernetes provider speaks to a cluster",
                        house,
                        List.of("provider.kubernetes"),
                        "io.fabric8.."));
    }

    private static ArchRule knowsOnlyTheJdk(String room, String house) {
        return classes()
                .that()
                .resideInAPackage(house + "." + room + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        house + "." + room + "..", "java..", "javax..", "jdk..", "com.sun.net..", "org.jspecify..")
                .allowEmptyShould(true)
                .as(room + " knows only the JDK");
    }

    private static ArchRule onlyDepends(String sentence, String house, List<String> rooms, String... packages) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(folders(house, rooms))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .as(sentence);
    }

    private static ArchRule onlyUses(
            String sentence, String house, List<String> rooms, Predicate<AccessTarget> forbidden) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(folders(house, rooms))
                .should()
                .accessTargetWhere(describe(sentence, (JavaAccess<?> access) -> forbidden.test(access.getTarget())))
                .as(sentence);
    }

    private static String[] folders(String house, List<String> rooms) {
        return rooms.isEmpty()
                ? new String[] {"nobody"}
                : rooms.stream()
                        .map(room -> room.equals(MAIN) ? house : house + "." + room + "..")
                        .toArray(String[]::new);
    }

    private static boolean is(AccessTarget target, Class<?> owner, String... names) {
        return target.getOwner().isEquivalentTo(owner) && Arrays.asList(names).contains(target.getName());
    }

    /** {@code System.nanoTime} is fine: it measures and says no time. So is {@code Instant.now(clock)}. */
    private static boolean readsTheClock(AccessTarget target) {
        boolean now = target.getName().equals("now")
                && target.getOwner().getPackageName().equals("java.time")
                && target instanceof AccessTarget.CodeUnitAccessTarget call
                && call.getRawParameterTypes().stream().noneMatch(type -> type.isEquivalentTo(Clock.class));
        return now
                || is(target, System.class, "currentTimeMillis")
                || is(target, Clock.class, "systemUTC", "systemDefaultZone", "system")
                || is(target, InstantSource.class, "system")
                || (target instanceof AccessTarget.ConstructorCallTarget created
                        && created.getOwner().isEquivalentTo(Date.class)
                        && created.getRawParameterTypes().isEmpty());
    }
}
