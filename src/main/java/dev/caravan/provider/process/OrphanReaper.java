package dev.caravan.provider.process;

import dev.caravan.watchdog.GroupSignal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends processes of functions that nobody looks after any more, found by their {@link OwnerMark}. */
final class OrphanReaper {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessProvider.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final OwnerMark ours;

    OrphanReaper(OwnerMark ours) {
        this.ours = ours;
    }

    /** What earlier runs on the same data folder left behind when they were killed. */
    void reapEarlierRuns() {
        int ended = reap(mark -> mark.id().equals(ours.id()) && !mark.ownerLives());
        if (ended > 0) {
            LOG.warn("ended {} processes that an earlier run left behind", ended);
        }
    }

    /** What functions of this run left behind themselves: children that outlived their call. */
    void reapOurs() {
        reap(ours::equals);
    }

    /** @return how many processes were ended */
    private int reap(Predicate<OwnerMark> orphaned) {
        if (!Files.isDirectory(ProcStat.PROC.resolve("self"))) {
            LOG.info("there is no /proc: processes that an earlier run left behind cannot be found");
            return 0;
        }
        Set<ProcessHandle> seen = new HashSet<>();
        long deadline = System.nanoTime() + LIMIT.toNanos();
        // Again until none is left: one may have forked between being seen and being ended.
        for (List<ProcessHandle> orphans = find(orphaned); !orphans.isEmpty(); orphans = find(orphaned)) {
            if (System.nanoTime() > deadline) {
                LOG.warn("cannot end processes that were left behind: {}", ids(orphans));
                return seen.size();
            }
            for (ProcessHandle orphan : orphans) {
                if (seen.add(orphan)) {
                    end(orphan);
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return seen.size();
    }

    private static void end(ProcessHandle orphan) {
        // The leader of a group we made: its children go with it, whatever they did to their environment.
        if (ProcStat.of(Long.toString(orphan.pid()))
                .filter(stat -> stat.group() == orphan.pid())
                .isPresent()) {
            try {
                GroupSignal.kill(orphan.pid());
            } catch (IOException e) {
                LOG.warn("cannot signal process group {}: {}", orphan.pid(), e.getMessage());
            }
        }
        orphan.destroyForcibly();
    }

    private static List<ProcessHandle> find(Predicate<OwnerMark> orphaned) {
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(ProcStat.PROC, "[0-9]*")) {
            for (Path process : processes) {
                // The handle first: it knows its process's start, so it never ends a later one of the same id.
                Optional<ProcessHandle> handle =
                        ProcessHandle.of(Long.parseLong(process.getFileName().toString()));
                if (handle.isPresent() && mark(process).filter(orphaned).isPresent()) {
                    found.add(handle.get());
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot look for processes that were left behind: {}", e.getMessage());
        }
        return found;
    }

    private static Optional<OwnerMark> mark(Path process) {
        String prefix = OwnerMark.VARIABLE + "=";
        try {
            String environment = Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
            for (String variable : environment.split("\0")) {
                if (variable.startsWith(prefix)) {
                    return OwnerMark.parse(variable.substring(prefix.length()));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it has ended, or is another user's and so not ours
        }
    }

    private static List<Long> ids(List<ProcessHandle> processes) {
        return processes.stream().map(ProcessHandle::pid).toList();
    }
}
