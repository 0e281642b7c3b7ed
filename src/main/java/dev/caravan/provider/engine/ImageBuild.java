package dev.caravan.provider.engine;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.BuildResponseItem;
import com.github.dockerjava.api.model.Image;
import dev.caravan.provider.ImageBuilder;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Images that the engine builds of a context that is sent to it. They are marked as ours, like containers. */
final class ImageBuild implements ImageBuilder {

    private static final Logger LOG = LoggerFactory.getLogger(ImageBuild.class);

    private static final Duration LIMIT = Duration.ofMinutes(30);
    private static final int LONGEST_LINE = 1_000;
    private static final String REPOSITORY = "caravan-built/";

    private final EngineConnection engine;
    private final Map<String, String> ours;

    /** @param ours marks what is ours */
    ImageBuild(EngineConnection engine, Map<String, String> ours) {
        this.engine = engine;
        this.ours = ours;
    }

    @Override
    public void build(String image, Map<String, String> arguments, List<ContextFile> context, Consumer<String> log) {
        var tar = new Tar();
        context.forEach(file -> tar.add(file.name(), file.content(), file.executable() ? 0755 : 0644));
        var saying = new Saying(log);
        var command = engine.listens()
                .buildImageCmd(new ByteArrayInputStream(tar.bytes()))
                .withTags(Set.of(image))
                .withLabels(ours)
                .withForcerm(true);
        arguments.forEach(command::withBuildArg);
        try {
            engine.run("build image " + image, () -> command.exec(saying));
            if (!saying.awaitCompletion(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new ProviderException(
                        Code.UNAVAILABLE, "the image was not built within " + LIMIT.toMinutes() + " min");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProviderException(Code.UNAVAILABLE, "the build was interrupted", e);
        } finally {
            close(saying);
        }
        saying.requireSuccess();
    }

    private static void close(Saying saying) {
        try {
            saying.close(); // ends a build that is not over
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
    }

    @Override
    public List<String> built() {
        return engine.ask(
                "list its images",
                () -> engine.asks().listImagesCmd().withLabelFilter(ours).exec().stream()
                        .map(Image::getRepoTags)
                        .filter(tags -> tags != null)
                        .flatMap(Arrays::stream)
                        .filter(tag -> tag.startsWith(REPOSITORY))
                        .sorted()
                        .toList());
    }

    @Override
    public void remove(String image) {
        engine.run("remove image " + image, () -> {
            try {
                engine.asks().removeImageCmd(image).exec();
            } catch (NotFoundException | ConflictException e) {
                LOG.debug("image {} stays: {}", image, e.getMessage());
            }
        });
    }

    /** What the engine says while it builds, in lines, and how it ended. */
    private static final class Saying extends ResultCallback.Adapter<BuildResponseItem> {

        private final Consumer<String> log;
        private final StringBuilder partial = new StringBuilder();
        private volatile @Nullable String failure;
        private volatile @Nullable Throwable broken;

        /** The last line that a step of the build wrote: why it failed. */
        private String last = "";

        Saying(Consumer<String> log) {
            this.log = log;
        }

        @Override
        public void onNext(BuildResponseItem item) {
            if (item.getErrorDetail() != null) {
                String said = String.valueOf(item.getErrorDetail().getMessage());
                failure = last.isEmpty() || said.contains(last) ? said : said + ": " + last;
            } else if (item.getStream() != null) {
                for (char letter : item.getStream().toCharArray()) {
                    if (letter == '\n') {
                        flush();
                    } else if (letter != '\r' && partial.length() < LONGEST_LINE) {
                        partial.append(letter);
                    }
                }
            }
        }

        private void flush() {
            // Colours are for a terminal.
            String line = partial.toString().replaceAll("\u001b\\[[0-9;]*m", "").stripTrailing();
            partial.setLength(0);
            if (!line.isEmpty()) {
                if (!line.matches("( ---> |Step |Removing intermediate container ).*")) {
                    last = line;
                }
                log.accept(line);
            }
        }

        @Override
        public void onError(Throwable error) {
            broken = error;
            onComplete(); // whoever waits is told here
        }

        /** @throws ProviderException when there is no image now */
        void requireSuccess() {
            String why = failure;
            Throwable error = broken;
            if (why != null) {
                String line = why.replaceAll("\\s+", " ").strip();
                throw new ProviderException(
                        Code.INVALID,
                        "the build failed: " + (line.length() <= 500 ? line : line.substring(0, 500) + "…"));
            }
            if (error instanceof DockerException refused) {
                throw new ProviderException(
                        Code.INVALID, "the build failed: " + EngineConnection.line(refused), refused);
            }
            if (error != null) {
                throw new ProviderException(
                        Code.UNAVAILABLE, "the container engine broke off the build: " + error.getMessage(), error);
            }
        }
    }
}
