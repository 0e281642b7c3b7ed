package dev.caravan.letters;

import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BrokerException;
import dev.caravan.queue.DeadLetterQueues;
import dev.caravan.queue.Letter;
import dev.caravan.queue.LetterPicker;
import dev.caravan.queue.Replacement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of what is too old: letters that were deleted long enough ago, letters that were kept long enough (written to a
 * file first, whole, with the keys that callers sent: only its owner may read it), and bulk replays that ended a week
 * ago. After a crash a letter may stand in two files; in none it never is.
 */
public final class LetterKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LetterKeeper.class);

    private static final Duration KEEP_JOBS = Duration.ofDays(7);
    private static final Duration KEEP_EDITS = Duration.ofDays(30);
    private static final Duration RAREST = Duration.ofMinutes(1);
    private static final Duration MOST_OFTEN = Duration.ofSeconds(1);
    private static final int BATCH = 50;

    private final Ledger ledger;
    private final DeadLetterQueues queues;
    private final BodyFiles bodyFiles;
    private final LetterLine lines;
    private final Path folder;
    private final Duration keep;
    private final Duration keepDeleted;
    private final InstantSource clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "letter-keeper");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param folder where letters are written before they go
     * @param keep how long they are kept; zero for ever
     * @param keepDeleted how long deleted ones are kept
     */
    public LetterKeeper(
            Ledger ledger,
            DeadLetterQueues queues,
            BodyFiles bodyFiles,
            LetterLine lines,
            Path folder,
            Duration keep,
            Duration keepDeleted,
            InstantSource clock) {
        this.ledger = ledger;
        this.queues = queues;
        this.bodyFiles = bodyFiles;
        this.lines = lines;
        this.folder = folder;
        this.keep = keep;
        this.keepDeleted = keepDeleted;
        this.clock = clock;
    }

    /** Looks from now on, every minute, and more often when letters are kept for less than that. */
    public void start() {
        Duration shorter = keep.isZero() || keep.compareTo(keepDeleted) > 0 ? keepDeleted : keep;
        Duration often = shorter.compareTo(RAREST) > 0 ? RAREST : shorter;
        long millis = Math.max(often.toMillis(), MOST_OFTEN.toMillis());
        timer.scheduleWithFixedDelay(this::lookAndTell, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void lookAndTell() {
        try {
            look();
        } catch (BrokerException | LedgerException | UncheckedIOException e) {
            LOG.warn("dead letters that are too old stay for now: {}", e.getMessage(), e);
        } catch (RuntimeException e) {
            LOG.error("dead letters that are too old stay", e);
        }
    }

    /** Once. */
    void look() {
        Instant now = clock.instant();
        letGo(now);
        if (!keep.isZero()) {
            exportOld(now.minus(keep));
        }
        ledger.jobs().forget(now.minus(KEEP_JOBS));
        ledger.edits().forget(now.minus(KEEP_EDITS));
    }

    private void letGo(Instant now) {
        long gone = 0;
        List<DeadLetter> some = ledger.letters().deletedBefore(now.minus(keepDeleted), BATCH);
        while (!some.isEmpty()) {
            remove(some);
            gone += some.size();
            some = ledger.letters().deletedBefore(now.minus(keepDeleted), BATCH);
        }
        if (gone > 0) {
            LOG.info("deleted dead letters are gone for good count={}", gone);
        }
    }

    private void exportOld(Instant before) {
        var filter = DeadLetterFilter.diedBefore(before);
        List<DeadLetter> some = ledger.letters().batch(filter, BATCH, null);
        if (some.isEmpty()) {
            return;
        }
        Path file = folder.resolve(clock.instant().toString().replace(':', '-') + ".ndjson");
        long gone = 0;
        try (FileChannel out = create(file)) {
            while (!some.isEmpty()) {
                for (DeadLetter letter : some) {
                    write(out, lines.write(letter));
                }
                out.force(true);
                remove(some);
                gone += some.size();
                some = ledger.letters().batch(filter, BATCH, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write dead letters to " + file, e);
        }
        LOG.warn(
                "dead letters older than CARAVAN_KEEP_DEAD_LETTERS are gone, and stand in a file count={} file={}",
                gone,
                file);
    }

    private FileChannel create(Path file) throws IOException {
        Files.createDirectories(folder);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel parent = FileChannel.open(folder, StandardOpenOption.READ)) {
            parent.force(true); // the name must survive a power cut too
        }
        return FileChannel.open(file, StandardOpenOption.WRITE);
    }

    private static void write(FileChannel out, String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /** Off the broker, then out of the ledger, then the body: a crash in between is made up for the next time. */
    private void remove(List<DeadLetter> letters) {
        Map<String, List<DeadLetter>> byQueue = letters.stream()
                .collect(Collectors.groupingBy(DeadLetter::physicalQueue, LinkedHashMap::new, Collectors.toList()));
        byQueue.forEach((queue, some) -> {
            var unwanted = new Unwanted(some);
            String round = UUID.randomUUID().toString();
            boolean over = false;
            while (!over && !unwanted.left.isEmpty()) {
                over = queues.pass(queue, round, unwanted);
            }
        });
        for (DeadLetter letter : letters) {
            ledger.remove(letter.id());
            String file = letter.content() == null ? null : letter.content().bodyReference();
            if (file != null) {
                bodyFiles.delete(file);
            }
        }
    }

    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(10, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            timer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** Takes letters off a queue, and sends nothing instead. */
    private static final class Unwanted implements LetterPicker {
        private final Set<Letter> left = new HashSet<>();

        Unwanted(List<DeadLetter> letters) {
            letters.forEach(letter -> left.add(new Letter(letter.callId(), letter.generation())));
        }

        @Override
        public int most() {
            return BATCH;
        }

        @Override
        public boolean wants(Letter letter) {
            return left.contains(letter);
        }

        @Override
        public Map<Letter, Optional<Replacement>> take(List<Letter> wanted) {
            return wanted.stream().distinct().collect(Collectors.toMap(letter -> letter, letter -> Optional.empty()));
        }

        @Override
        public void taken(List<Letter> letters) {
            letters.forEach(left::remove);
        }
    }
}
