package dev.caravan.build;

import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The languages that functions can be written in: a folder each. They are read when they are used, so they can be edited. */
final class Templates {

    private final Path folder;

    Templates(Path folder) {
        this.folder = folder;
    }

    /** By name; none when there is no such folder. */
    List<String> languages() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(each -> Files.isRegularFile(each.resolve(Template.FILE)))
                    .map(each -> each.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new ProviderException(Code.UNAVAILABLE, "cannot read the templates: " + e.getMessage(), e);
        }
    }

    /** @throws ProviderException {@code INVALID} when there is no such language; the line names those that are there */
    Template of(String language) {
        List<String> there = languages();
        if (!there.contains(language)) {
            String known = there.isEmpty()
                    ? "there are no templates in \"" + folder + "\" (CARAVAN_TEMPLATES)"
                    : "there are " + String.join(", ", there);
            String asked = language.length() <= 80 ? language : language.substring(0, 80) + "…";
            throw new ProviderException(Code.INVALID, "language \"" + asked + "\" is not known; " + known);
        }
        try {
            return Template.read(folder.resolve(language));
        } catch (IOException e) {
            throw new ProviderException(Code.UNAVAILABLE, "cannot read the template: " + e.getMessage(), e);
        }
    }
}
