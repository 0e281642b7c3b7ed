package dev.caravan.build;

import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * How a function of one language is made: the part that is ours around the part that is the user's. A folder with a
 * {@code template.yml}, laid out as OpenFaaS has it, with a part {@code caravan} of our own.
 *
 * @param command what answers requests, from the folder of the function
 * @param handler the file that the user's part must have
 * @param userFolder where the user's part goes; what stands there in the template is an example
 * @param needs programs without which it cannot be built or run on a machine itself
 * @param environment for the watchdog of a process, the mode included
 * @param owned all files that are ours
 */
record Template(
        String language,
        String command,
        String handler,
        String userFolder,
        List<String> needs,
        Map<String, String> environment,
        List<SourceFile> owned) {

    static final String FILE = "template.yml";

    /** What makes the function ready to run, where there is something to make; run in its folder. */
    static final String BUILD_SCRIPT = "build.sh";

    /** @throws IOException in one readable line */
    static Template read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        Map<?, ?> said;
        try {
            said = map(new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
        } catch (YamlEngineException e) {
            throw new IOException(
                    file + " is no YAML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "), e);
        }
        Map<?, ?> ours = map(said.get("caravan"));
        var environment = new LinkedHashMap<String, String>();
        map(ours.get("environment"))
                .forEach((name, value) -> environment.put(String.valueOf(name), String.valueOf(value)));
        if (ours.containsKey("mode")) {
            environment.put("mode", String.valueOf(ours.get("mode")));
        }
        String userFolder = text(said, "handler_folder", "function");
        return new Template(
                folder.getFileName().toString(),
                text(said, "fprocess", ""),
                text(ours, "handler", ""),
                userFolder,
                ours.get("needs") instanceof List<?> needs
                        ? needs.stream().map(String::valueOf).toList()
                        : List.of(),
                environment,
                owned(folder, userFolder));
    }

    private static List<SourceFile> owned(Path folder, String userFolder) throws IOException {
        List<SourceFile> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                if (!name.equals(FILE) && !name.startsWith(userFolder + "/")) {
                    files.add(new SourceFile(name, Files.isExecutable(file), Files.readAllBytes(file)));
                }
            }
        }
        return files;
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static String text(Map<?, ?> map, String key, String otherwise) {
        Object value = map.get(key);
        return value == null ? otherwise : String.valueOf(value);
    }

    /** Whether all of it is the user's, down to how its image is made. */
    boolean isAllTheUsers() {
        return command.isEmpty();
    }

    boolean hasBuildScript() {
        return owned.stream().anyMatch(file -> file.name().equals(BUILD_SCRIPT));
    }

    /** All files of a function: ours, and below a folder of its own the user's. */
    List<SourceFile> around(List<SourceFile> source) {
        if (source.stream().noneMatch(file -> file.name().equals(handler))) {
            String elsewhere = source.stream()
                    .map(SourceFile::name)
                    .filter(name -> name.endsWith("/" + handler))
                    .findFirst()
                    .map(name -> ", but \"" + name + "\": pack what is in the folder, as in tar -C FOLDER -cz .")
                    .orElseGet(() -> "; there is "
                            + source.stream().map(SourceFile::name).limit(5).collect(Collectors.joining(", ")));
            throw new ProviderException(
                    Code.INVALID,
                    "the source has no \"" + handler + "\", which language " + language + " needs" + elsewhere);
        }
        if (isAllTheUsers()) {
            return source;
        }
        List<SourceFile> all = new ArrayList<>(owned);
        source.forEach(file -> all.add(file.below(userFolder)));
        return all;
    }
}
