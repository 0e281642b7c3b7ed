package dev.caravan.watchdog;

import java.io.IOException;

/** How an answer of a process that speaks HTTP begins. */
record AnswerHead(boolean http11, int status, String reason, Headers headers) {

    static AnswerHead read(Wire wire) throws IOException {
        MessageHead head = MessageHead.read(wire);
        if (head == null) {
            throw new IOException("it closed the connection");
        }
        String[] words = head.line().split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[1-9][0-9]{2}")) {
            throw new IOException("it does not answer in HTTP/1");
        }
        return new AnswerHead(
                words[0].equals("HTTP/1.1"),
                Integer.parseInt(words[1]),
                words.length > 2 ? words[2] : "",
                head.headers());
    }

    /** Whether another one follows. */
    boolean isInterim() {
        return status < 200 && status != 101;
    }

    /** Of the body, as far as the header says; negative when it does not. */
    long length() {
        String length = headers.first("Content-Length", "");
        return length.matches("[0-9]{1,18}") ? Long.parseLong(length) : -1;
    }

    /** Whether the connection stays open after this answer. */
    boolean mayFollow() {
        return http11 && !headers.words("Connection").contains("close");
    }
}
