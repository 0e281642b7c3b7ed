package dev.caravan.build;

import dev.caravan.function.FunctionName;
import dev.caravan.provider.BuiltFolders;
import dev.caravan.provider.ImageBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Where functions are containers: each is an image that the engine builds. */
final class ImageWorkshop implements Workshop {

    private static final String WATCHDOG = "watchdog";

    private final ImageBuilder engine;
    private final Map<String, String> bases;

    /** @param bases by language, images that stand in for those that the templates name; {@code watchdog} likewise */
    ImageWorkshop(ImageBuilder engine, Map<String, String> bases) {
        this.engine = engine;
        this.bases = Map.copyOf(bases);
    }

    @Override
    public Made make(
            FunctionName function, String revision, Template template, List<SourceFile> files, Consumer<String> log) {
        String image = BuiltFolders.image(function, revision);
        var arguments = new LinkedHashMap<String, String>();
        if (bases.containsKey(WATCHDOG)) {
            arguments.put("WATCHDOG", bases.get(WATCHDOG));
        }
        if (bases.containsKey(template.language())) {
            arguments.put("BASE", bases.get(template.language()));
        }
        engine.build(image, arguments, files.stream().map(SourceFile::inContext).toList(), log);
        return new Made(image, null, Map.of());
    }

    @Override
    public List<String> made() {
        return engine.built();
    }

    @Override
    public void discard(String image) {
        engine.remove(image);
    }
}
