package dev.caravan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Bodies of asynchronous calls that are too large for the broker's journal.
 *
 * @param folder where they stand, one file each
 * @param threshold in bytes; a larger body stands in a file
 */
public record BodySettings(Path folder, int threshold) {

    private static final long LARGEST = 16 << 20;

    static final Setting<String> FOLDER = Setting.text(
            "CARAVAN_BODIES",
            "",
            "Folder of large bodies, the same for all nodes that share a broker; `bodies` in the data folder when unset.");
    static final Setting<Long> THRESHOLD = new Setting<>(
            "CARAVAN_BODY_THRESHOLD",
            "64KiB",
            "Size above which the body of an asynchronous call or callback stands in a file and not in the broker's journal; at most 16 MiB.",
            text -> {
                long value = Sizes.parse(text);
                if (value > LARGEST) {
                    throw new IllegalArgumentException("must be at most 16MiB");
                }
                return value;
            });

    static final List<Setting<?>> ALL = List.of(FOLDER, THRESHOLD);

    static BodySettings from(Map<String, String> environment, DataSettings data) {
        String folder = FOLDER.in(environment);
        return new BodySettings(
                folder.isEmpty()
                        ? data.folder().resolve("bodies")
                        : Path.of(folder).toAbsolutePath().normalize(),
                THRESHOLD.in(environment).intValue());
    }
}
