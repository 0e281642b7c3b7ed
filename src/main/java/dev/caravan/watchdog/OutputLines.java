package dev.caravan.watchdog;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** Turns a process's output into log lines. */
final class OutputLines {

    /** A line's characters where nobody says how many: a function that never ends its line must not fill the memory. */
    static final int MAX_LENGTH = 8192;

    private static final String CUT = "…";

    private OutputLines() {}

    /** Reads until the stream ends; malformed UTF-8 is replaced, an over-long line loses its tail. */
    static void copy(InputStream output, FunctionLog log) throws IOException {
        copy(output, MAX_LENGTH, log);
    }

    /** @param max how many characters of a line are kept */
    static void copy(InputStream output, int max, FunctionLog log) throws IOException {
        Reader reader = new InputStreamReader(output, StandardCharsets.UTF_8);
        char[] buffer = new char[4096];
        StringBuilder line = new StringBuilder();
        for (int count = reader.read(buffer); count >= 0; count = reader.read(buffer)) {
            for (int i = 0; i < count; i++) {
                if (buffer[i] == '\n') {
                    end(line, log);
                } else if (line.length() < max) {
                    line.append(buffer[i]);
                } else if (line.length() == max) {
                    line.append(CUT);
                }
            }
        }
        if (line.length() > 0) {
            end(line, log);
        }
    }

    private static void end(StringBuilder line, FunctionLog log) {
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
            line.setLength(length - 1);
        }
        log.line(line.toString());
        line.setLength(0);
    }
}
