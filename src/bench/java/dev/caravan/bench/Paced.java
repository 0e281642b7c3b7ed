package dev.caravan.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Asynchronous calls at a given rate, which wrk cannot do: each has its time, and is late by its own fault only when
 * the server is slow.
 */
final class Paced {

    /** Latencies in milliseconds, from the moment a call was due. */
    record Result(double perSecond, double p50, double p99, long refused) {}

    private final URI url;
    private final byte[] request;

    private Paced(URI url, int bytes) {
        this.url = url;
        String head = "POST " + url.getPath() + " HTTP/1.1\r\nHost: " + url.getAuthority()
                + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + bytes + "\r\n\r\n";
        this.request = (head + "x".repeat(bytes)).getBytes(StandardCharsets.US_ASCII);
    }

    /** Posts bodies of {@code bytes}, {@code perSecond} of them each second, spread over the connections. */
    static Result post(String url, int connections, double perSecond, Duration length, int bytes)
            throws IOException, InterruptedException {
        var paced = new Paced(URI.create(url), bytes);
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            long begin = System.nanoTime() + 100_000_000;
            long between = (long) (connections * 1e9 / perSecond);
            List<Future<long[]>> senders = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                long first = begin + between * i / connections;
                senders.add(threads.submit(() -> paced.send(first, between, begin + length.toNanos())));
            }
            var latencies = new ArrayList<long[]>();
            for (Future<long[]> sender : senders) {
                latencies.add(sender.get());
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            long[] all =
                    latencies.stream().flatMapToLong(Arrays::stream).sorted().toArray();
            long refused = Arrays.stream(all).filter(latency -> latency < 0).count();
            return new Result(
                    (all.length - refused) / seconds,
                    all[all.length / 2] / 1e6,
                    all[(int) (all.length * 0.99)] / 1e6,
                    refused);
        } catch (ExecutionException e) {
            throw new IOException("a paced sender failed: " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Latencies in nanoseconds; -1 for what was not answered 202. */
    private long[] send(long first, long between, long end) throws IOException {
        long[] latencies = new long[(int) ((end - first) / between) + 1];
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            int sent = 0;
            for (long due = first; due < end; due += between) {
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                socket.getOutputStream().write(request);
                boolean accepted = answer(in) == 202;
                latencies[sent++] = accepted ? System.nanoTime() - due : -1;
            }
            return Arrays.copyOf(latencies, sent);
        }
    }

    private static int answer(InputStream in) throws IOException {
        String status = line(in);
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        in.skipNBytes(length);
        return Integer.parseInt(status.substring(9, 12));
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
