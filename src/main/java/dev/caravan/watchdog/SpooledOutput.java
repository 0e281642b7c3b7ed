package dev.caravan.watchdog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an answer until its status is known: the first bytes in memory, everything in a temporary file once it is more.
 *
 * <p>The file has no name as soon as it is open, so nothing is left behind however we end. One thread writes; another
 * may read after it. Closing while one writes makes the writer fail.
 */
final class SpooledOutput extends OutputStream {

    private final int memoryLimit;
    private final ByteArrayOutputStream memory = new ByteArrayOutputStream(512);
    private @Nullable SpoolFile file;
    private long size;
    private boolean closed;

    SpooledOutput(int memoryLimit) {
        this.memoryLimit = memoryLimit;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("the answer is not wanted any more");
        }
        size += length;
        if (file == null && size > memoryLimit) {
            file = new SpoolFile();
            file.write(memory.toByteArray(), 0, memory.size());
            memory.reset();
        }
        if (file == null) {
            memory.write(bytes, offset, length);
        } else {
            file.write(bytes, offset, length);
        }
    }

    synchronized long size() {
        return size;
    }

    /** The first bytes, at most {@code length}. */
    synchronized byte[] head(int length) throws IOException {
        byte[] kept = file == null ? memory.toByteArray() : file.head(length);
        return kept.length <= length ? kept : Arrays.copyOf(kept, length);
    }

    synchronized void copyTo(OutputStream target) throws IOException {
        if (file == null) {
            memory.writeTo(target);
        } else {
            file.copyTo(target);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (file != null) {
            file.close();
        }
    }

    /** A file that only we can see. */
    private static final class SpoolFile implements AutoCloseable {

        private final RandomAccessFile content;

        SpoolFile() throws IOException {
            Path path = Files.createTempFile("caravan-answer-", ".tmp");
            try {
                content = new RandomAccessFile(path.toFile(), "rw");
            } finally {
                Files.delete(path);
            }
        }

        void write(byte[] bytes, int offset, int length) throws IOException {
            content.write(bytes, offset, length);
        }

        byte[] head(int length) throws IOException {
            long end = content.getFilePointer();
            byte[] bytes = new byte[(int) Math.min(length, content.length())];
            content.seek(0);
            content.readFully(bytes);
            content.seek(end);
            return bytes;
        }

        void copyTo(OutputStream target) throws IOException {
            content.seek(0);
            byte[] buffer = new byte[64 * 1024];
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                target.write(buffer, 0, count);
            }
        }

        @Override
        public void close() throws IOException {
            content.close();
        }
    }
}
