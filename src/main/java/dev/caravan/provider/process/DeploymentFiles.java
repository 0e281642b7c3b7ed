package dev.caravan.provider.process;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.provider.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is deployed, one JSON file per function: {@code NAMESPACE/NAME.json}. */
final class DeploymentFiles {

    /** A function as it is to come back after a restart. */
    record Kept(FunctionDeployment deployment, int replicas, Instant createdAt) {}

    /** {@link Kept} in JSON, which knows no instants. */
    private record Content(FunctionDeployment deployment, int replicas, String createdAt) {

        Content {
            requireNonNull(deployment, "there is no deployment");
            requireNonNull(createdAt, "there is no createdAt");
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ProcessProvider.class);
    private static final String SUFFIX = ".json";

    private final Path folder;
    private final ObjectMapper json = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    DeploymentFiles(Path folder) {
        this.folder = folder;
    }

    void write(FunctionName function, Kept kept) throws IOException {
        Content content =
                new Content(kept.deployment(), kept.replicas(), kept.createdAt().toString());
        AtomicFile.write(file(function), json.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
    }

    void delete(FunctionName function) throws IOException {
        AtomicFile.delete(file(function));
    }

    /** Everything that can be read. What cannot is left alone and said in the log: it must not stop the others. */
    List<Kept> readAll() throws IOException {
        List<Kept> all = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        try (Stream<Path> files =
                Files.find(folder, 2, (file, attributes) -> attributes.isRegularFile() && isDeployment(file))) {
            for (Path file : files.sorted().toList()) {
                read(file, all);
            }
        }
        return all;
    }

    private void read(Path file, List<Kept> all) {
        try {
            Content content = json.readValue(Files.readAllBytes(file), Content.class);
            if (!file.equals(file(content.deployment().function()))) {
                throw new IOException("it holds \"" + content.deployment().function() + "\"");
            }
            all.add(new Kept(content.deployment(), content.replicas(), Instant.parse(content.createdAt())));
        } catch (JsonProcessingException e) {
            LOG.warn("cannot read deployment {}: {}; deploy the function again", file, e.getOriginalMessage());
        } catch (IOException | DateTimeException | IllegalArgumentException e) {
            LOG.warn("cannot read deployment {}: {}; deploy the function again", file, e.getMessage());
        }
    }

    private static boolean isDeployment(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(SUFFIX) && !name.startsWith(".");
    }

    private Path file(FunctionName function) {
        return folder.resolve(function.namespace()).resolve(function.name() + SUFFIX);
    }
}
