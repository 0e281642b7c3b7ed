package dev.caravan.watchdog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Memory for the arguments of one native call, taken from a few pieces that are used again. */
final class Scratch implements AutoCloseable {

    private static final int SIZE = 64 * 1024;
    private static final int KEPT = 32;
    private static final Deque<ByteBuffer> IDLE = new ArrayDeque<>();

    private final ByteBuffer memory;
    private final long address;

    private Scratch(Libc libc, ByteBuffer memory) {
        this.memory = memory.clear();
        this.address = libc.address(memory);
    }

    /** @param size bytes that will be enough */
    static Scratch of(Libc libc, int size) {
        ByteBuffer memory = null;
        if (size <= SIZE) {
            synchronized (IDLE) {
                memory = IDLE.pollLast();
            }
        }
        return new Scratch(
                libc,
                memory == null
                        ? ByteBuffer.allocateDirect(Math.max(size, SIZE)).order(ByteOrder.nativeOrder())
                        : memory);
    }

    /** How much {@link #text} will take. */
    static int size(String text) {
        return text.length() * 3 + 1 + Long.BYTES * 2;
    }

    /** Room for a structure, filled with zeros. */
    long room(int size) {
        memory.position((memory.position() + 7) & -8);
        long at = address + memory.position();
        for (int i = 0; i < size; i += Long.BYTES) {
            memory.putLong(0);
        }
        return at;
    }

    /** A string of C. */
    long text(String text) {
        long at = address + memory.position();
        memory.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        return at;
    }

    /** Strings of C and the list of their addresses, which ends with a zero. */
    long texts(List<String> texts) {
        long[] addresses = texts.stream().mapToLong(this::text).toArray();
        long at = room(0);
        for (long one : addresses) {
            memory.putLong(one);
        }
        memory.putLong(0);
        return at;
    }

    int intAt(long place) {
        return memory.getInt((int) (place - address));
    }

    void putInt(long place, int value) {
        memory.putInt((int) (place - address), value);
    }

    void putShort(long place, short value) {
        memory.putShort((int) (place - address), value);
    }

    @Override
    public void close() {
        if (memory.capacity() == SIZE) {
            synchronized (IDLE) {
                if (IDLE.size() < KEPT) {
                    IDLE.addLast(memory);
                }
            }
        }
    }
}
