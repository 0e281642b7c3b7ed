package dev.caravan.gateway;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Answers what is no HTTP request, and closes the connection: nobody can tell where the next one would begin. */
final class MalformedRequest {

    private MalformedRequest() {}

    static void refuse(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        HttpServerResponse response = request.response();
        response.headers()
                .set("Content-Type", "text/plain; charset=utf-8")
                .set("X-Content-Type-Options", "nosniff")
                .set("X-OpenFaaS-Internal", "proxy")
                .set("Connection", "close");
        if (cause instanceof TooLongHttpLineException) {
            response.setStatusCode(414).end("the request line is too long\n");
        } else if (cause instanceof TooLongHttpHeaderException) {
            response.setStatusCode(431).end("the request's headers are too long\n");
        } else {
            response.setStatusCode(400).end("this is not an HTTP request\n");
        }
        response.close();
    }
}
