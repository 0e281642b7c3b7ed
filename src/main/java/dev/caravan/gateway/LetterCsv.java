package dev.caravan.gateway;

import dev.caravan.ledger.DeadLetter;

/** Dead letters as a table: what a list shows of each. Nothing of headers or bodies. */
final class LetterCsv {

    static final String HEAD = CsvLine.of(
            "id",
            "callId",
            "queue",
            "function",
            "namespace",
            "reason",
            "statusCode",
            "error",
            "fingerprint",
            "attempts",
            "submittedAt",
            "deadAt",
            "size",
            "contentType",
            "replays");

    private LetterCsv() {}

    static String line(DeadLetter letter) {
        return CsvLine.of(
                letter.id(),
                letter.callId().text(),
                letter.queue(),
                letter.function().name(),
                letter.function().namespace(),
                letter.reason().code(),
                letter.statusCode(),
                letter.error(),
                letter.fingerprint(),
                letter.attempts(),
                letter.submittedAt(),
                letter.deadAt(),
                letter.size(),
                letter.contentType(),
                letter.replays());
    }
}
