package dev.caravan.gateway;

import io.vertx.core.http.HttpServerRequest;

/** What a request says about its body, and what becomes of a body that nobody wanted. */
final class RequestBodies {

    /** What is still read of a body that nobody wanted, to keep the connection; beyond it the connection is closed. */
    private static final long MAX_DRAIN = 256 * 1024;

    private RequestBodies() {}

    static boolean isExpected(HttpServerRequest request) {
        return request.headers().contains("transfer-encoding") || announcedLength(request) > 0;
    }

    /** Whether it comes in a coding that we cannot tell the end of (RFC 9112 section 6.1). */
    static boolean isUnreadable(HttpServerRequest request) {
        String coding = request.getHeader("transfer-encoding");
        return coding != null && !coding.equalsIgnoreCase("chunked");
    }

    static boolean waitsForContinue(HttpServerRequest request) {
        return "100-continue".equalsIgnoreCase(request.getHeader("expect"));
    }

    /** In bytes; -1 when unknown. */
    static long announcedLength(HttpServerRequest request) {
        String length = request.getHeader("content-length");
        return length == null ? -1 : Long.parseLong(length);
    }

    /** Makes the connection fit for the next request once this one is answered, or closes it. */
    static void drain(HttpServerRequest request) {
        if (request.isEnded()) {
            return;
        }
        if (waitsForContinue(request)) {
            // Whether the body follows is the client's guess now, so the connection is no use.
            request.connection().close();
            return;
        }
        var left = new long[] {MAX_DRAIN};
        request.exceptionHandler(gone -> {});
        request.endHandler(end -> {});
        request.handler(chunk -> {
            left[0] -= chunk.length();
            if (left[0] < 0) {
                request.connection().close();
            }
        });
        request.resume();
    }
}
