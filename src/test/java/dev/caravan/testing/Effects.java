package dev.caravan.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What functions have done so far: the lines that their runs appended to a file. */
public final class Effects {

    private final Path file;
    private int seen;

    public Effects(Path file) throws IOException {
        this.file = Files.createFile(file);
    }

    public Path file() {
        return file;
    }

    /** The command of an {@link EffectsFunction} that writes here. */
    public String function() {
        return EffectsFunction.command(file);
    }

    /** What has been done so far is another test's. */
    public void forget() throws IOException {
        seen = (int) Files.size(file);
    }

    /** Runs that were asked to wait go on, and those to come do not wait. */
    public void release() throws IOException {
        Files.createFile(EffectsFunction.release(file));
    }

    /** Whole lines that begin with a word. */
    public List<String> lines(String word) throws IOException {
        String text = Files.readString(file);
        return text.substring(seen, text.lastIndexOf('\n') + 1)
                .lines()
                .filter(line -> line.startsWith(word + " "))
                .toList();
    }

    /** How often each call was begun, by its id. */
    public Map<String, Long> begun() throws IOException {
        return counted("begin");
    }

    /** How often each call was run to its end, by its id. */
    public Map<String, Long> ended() throws IOException {
        return counted("end");
    }

    /** How many runs have begun. */
    public int size() throws IOException {
        return lines("begin").size();
    }

    private Map<String, Long> counted(String word) throws IOException {
        return lines(word).stream()
                .map(line -> line.split(" ")[1])
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
}
