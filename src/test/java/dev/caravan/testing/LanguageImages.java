package dev.caravan.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Stand-ins for the images that the templates of functions build on, under the names that stand in their Dockerfiles: the
 * interpreters and compilers of this machine.
 */
public final class LanguageImages {

    private static final Path TEMPLATES = Path.of("functions/templates");

    private final HostImages images;
    private final PrivateEngine engine;

    public LanguageImages(HostImages images, PrivateEngine engine) {
        this.images = images;
        this.engine = engine;
    }

    /** What a language's image is built on. Skips or fails where the machine has none of it, as the language has it. */
    public void make(String language) throws Exception {
        images.makeWatchdog();
        tag(HostImages.WATCHDOG, named(language, "WATCHDOG"));
        switch (language) {
            case "python" -> python(named(language, "BASE"));
            case "node" -> node(named(language, "BASE"));
            case "java" -> {
                images.makeJdk();
                tag(HostImages.JDK, named(language, "BASE"));
            }
            case "go" -> {
                go(named(language, "BASE"));
                images.makeBase();
                tag(HostImages.BASE, named(language, "RUN"));
            }
            default -> throw new IllegalArgumentException(language);
        }
    }

    /** The image that a template's Dockerfile names. */
    private static String named(String language, String argument) throws IOException {
        Matcher line = Pattern.compile("^ARG " + argument + "=(\\S+)$", Pattern.MULTILINE)
                .matcher(Files.readString(TEMPLATES.resolve(language).resolve("Dockerfile")));
        if (!line.find()) {
            throw new AssertionError("the template " + language + " names no " + argument);
        }
        return line.group(1);
    }

    private void tag(String image, String name) {
        int colon = name.indexOf(':');
        engine.client()
                .tagImageCmd(
                        image,
                        colon < 0 ? name : name.substring(0, colon),
                        colon < 0 ? "latest" : name.substring(colon + 1))
                .exec();
    }

    private void python(String name) throws IOException, InterruptedException {
        // Debian's: of others it is not known what belongs to them.
        Path program = Path.of("/usr/bin/python3");
        Requirement.that(Files.isExecutable(program), "SKIPPED: no " + program + "; Debian's package is python3");
        String library = new HostProgram(List.of(program.toString()), Map.of())
                .run("-c", "import sysconfig; print(sysconfig.get_path('stdlib'))");
        images.make(name, "ENV PATH=/usr/bin:/bin", Map.of(), HostImages.alsoForJava(program.toString(), library));
    }

    private void node(String name) throws IOException, InterruptedException {
        String program = HostProgram.require("node", "nodejs");
        // Debian's has parts of itself there.
        Path parts = Path.of("/usr/share/nodejs");
        String path = "ENV PATH=" + Path.of(program).getParent() + ":/usr/bin:/bin";
        if (Files.isDirectory(parts)) {
            images.make(name, path, Map.of(), HostImages.alsoForJava(program, parts.toString()));
        } else {
            images.make(name, path, Map.of(), HostImages.alsoForJava(program));
        }
    }

    private void go(String name) throws IOException, InterruptedException {
        Optional<Path> program = HostProgram.find("go");
        // Not among what verify installs.
        assumeTrue(program.isPresent(), "SKIPPED: there is no go on the PATH");
        String root = new HostProgram(List.of(program.orElseThrow().toString()), Map.of()).run("env", "GOROOT");
        // What there is besides are its own tests; older ones have no go.env.
        String[] contents = Stream.of("bin", "pkg", "src", "VERSION", "go.env")
                .map(part -> root + "/" + part)
                .filter(part -> Files.exists(Path.of(part)))
                .toArray(String[]::new);
        images.make(name, "ENV PATH=" + root + "/bin:/bin HOME=/tmp", Map.of(), contents);
    }
}
