package dev.caravan.queue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.activemq.store.kahadb.disk.journal.DataFile;
import org.apache.activemq.store.kahadb.disk.journal.Journal;
import org.apache.activemq.store.kahadb.disk.journal.Journal.PreallocationScope;
import org.apache.activemq.store.kahadb.disk.util.Sequence;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a KahaDB journal after a crash. A process that is killed while it appends leaves a batch of records that
 * stops in the middle. Nobody was told that it is stored, for that is said after the batch is synced; but KahaDB cannot
 * tell it from a damaged disk, and a broker that checks for damage would not start any more.
 *
 * <p>Damage that has whole batches behind it is no torn write: it stays, and the broker refuses to start. So it does
 * when its index knows of a message in what was cut off.
 */
final class JournalTail {

    private static final Logger LOG = LoggerFactory.getLogger(JournalTail.class);

    /** The next file is made while this one is written; the journal is read knowing that its last may not be begun. */
    static final PreallocationScope PREALLOCATION = PreallocationScope.ENTIRE_JOURNAL_ASYNC;

    private JournalTail() {}

    /** Cuts a torn last batch off the journal in the folder. Only for who holds the journal's lock. */
    static void mend(Path folder) throws IOException {
        // Where the machine lost its power the file that was being made may be damaged, and the one before it torn.
        boolean mended = hasFiles(folder);
        while (mended) {
            mended = mendLast(folder);
        }
    }

    /** True when something was cut off. */
    private static boolean mendLast(Path folder) throws IOException {
        var journal = new Journal();
        journal.setDirectory(folder.toFile());
        journal.setChecksum(true);
        journal.setPreallocationScope(PREALLOCATION);
        // Looks through the last file alone.
        journal.start();
        try {
            DataFile last = journal.getFileMap().values().stream()
                    .filter(file -> !file.getCorruptedBlocks().isEmpty())
                    .max(Comparator.naturalOrder())
                    .orElse(null);
            return last != null && cut(last);
        } finally {
            journal.close();
        }
    }

    private static boolean hasFiles(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().endsWith(Journal.DEFAULT_FILE_SUFFIX)
                    && file.toFile().length() > 0);
        }
    }

    private static boolean cut(DataFile file) throws IOException {
        Sequence damage = file.getCorruptedBlocks().getTail();
        // The journal steps over damage that has a batch behind it; what is its end is torn.
        if (damage.getFirst() != file.getLength()) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file.getFile().toPath(), StandardOpenOption.WRITE)) {
            channel.truncate(damage.getFirst());
            channel.force(true);
        }
        LOG.warn(
                "the last write to {} was torn by a crash and is cut off at byte {}: nobody was told that it is stored",
                file.getFile().getName(),
                damage.getFirst());
        return true;
    }
}
