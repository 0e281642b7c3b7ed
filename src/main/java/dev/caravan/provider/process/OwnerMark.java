package dev.caravan.provider.process;

import dev.caravan.provider.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose a function's process is: it stands in the environment of each, so that a later run recognises what an earlier
 * one left behind.
 *
 * @param id of the data folder
 * @param pid of the Caravan that started the process
 * @param startTicks of that Caravan, since ids are used again; 0 where there is no {@code /proc}
 */
record OwnerMark(String id, long pid, long startTicks) {

    static final String VARIABLE = "CARAVAN_OWNER";

    private static final String FILE = "process-owner";
    private static final Pattern TEXT = Pattern.compile("([0-9a-f-]{36}):([0-9]{1,18}):([0-9]{1,18})");

    /** Ours, for this data folder, whose id is made up when there is none. */
    static OwnerMark ours(Path dataFolder) throws IOException {
        Path file = dataFolder.resolve(FILE);
        String id = Files.exists(file) ? Files.readString(file).strip() : "";
        if (!id.matches("[0-9a-f-]{36}")) {
            id = UUID.randomUUID().toString();
            AtomicFile.write(file, id + "\n");
        }
        long ticks = ProcStat.of("self").map(ProcStat::startTicks).orElse(0L);
        return new OwnerMark(id, ProcessHandle.current().pid(), ticks);
    }

    static Optional<OwnerMark> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        return parts.matches()
                ? Optional.of(
                        new OwnerMark(parts.group(1), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3))))
                : Optional.empty();
    }

    boolean ownerLives() {
        return ProcStat.of(Long.toString(pid))
                .filter(stat -> stat.startTicks() == startTicks && !stat.isZombie())
                .isPresent();
    }

    String text() {
        return id + ":" + pid + ":" + startTicks;
    }
}
