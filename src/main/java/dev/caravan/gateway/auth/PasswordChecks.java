package dev.caravan.gateway.auth;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks passwords on threads of its own, since a check is a tenth of a second of pure computing: on at most half of the
 * processors, a bounded number waiting, and the same credentials once for all who wait for them.
 */
final class PasswordChecks implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordChecks.class);
    private static final int MAX_WAITING = 64;

    /** How a check ended. */
    enum Result {
        RIGHT,
        WRONG,
        /** Not looked at: its address sent too many wrong ones. */
        TOO_MANY,
        /** Not looked at: too many wait, in all or from its address. */
        BUSY
    }

    /** The same credentials against the same hash. @param credentials a digest of name and password */
    private record Check(ByteBuffer credentials, PasswordHash hash) {}

    private final Guesses guesses;
    private final Map<Check, CompletableFuture<Result>> running = new ConcurrentHashMap<>();
    private final ExecutorService threads;

    PasswordChecks(Guesses guesses) {
        this.guesses = guesses;
        int atOnce = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        var count = new AtomicInteger();
        var pool = new ThreadPoolExecutor(
                atOnce, atOnce, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), work -> {
                    var thread = new Thread(work, "password-check-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        threads = pool;
    }

    /**
     * Starts a check, or joins the one that runs for the same.
     *
     * @param credentials a digest of name and password; nobody must change it
     * @param address where they came from
     */
    CompletableFuture<Result> check(ByteBuffer credentials, PasswordHash hash, byte[] password, String address) {
        var what = new Check(credentials, hash);
        var mine = new CompletableFuture<Result>();
        CompletableFuture<Result> theirs = running.putIfAbsent(what, mine);
        if (theirs != null) {
            return theirs;
        }
        switch (guesses.admit(address)) {
            case GRANTED -> start(what, mine, password, address);
            case TOO_MANY_WRONG -> finish(what, mine, Result.TOO_MANY);
            case TOO_MANY_AT_ONCE -> finish(what, mine, Result.BUSY);
        }
        return mine;
    }

    private void start(Check what, CompletableFuture<Result> mine, byte[] password, String address) {
        try {
            threads.execute(() -> {
                Result result = result(what.hash(), password);
                guesses.checked(address);
                finish(what, mine, result);
            });
        } catch (RejectedExecutionException e) {
            guesses.checked(address);
            finish(what, mine, Result.BUSY);
        }
    }

    private void finish(Check what, CompletableFuture<Result> mine, Result result) {
        mine.complete(result);
        running.remove(what, mine);
    }

    private static Result result(PasswordHash hash, byte[] password) {
        try {
            return hash.matches(password) ? Result.RIGHT : Result.WRONG;
        } catch (RuntimeException e) {
            LOG.error("a password could not be checked", e);
            return Result.WRONG;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
