package dev.caravan.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** {@code console}: the page at {@code /ui/}. It holds nothing that is not public. */
public final class Console implements Processor {

    private final byte[] page = resource("/console/index.html");

    @Override
    public void process(Exchange exchange) {
        // Its links are relative to the slash (and clients know /ui without one as 404: contract section 1.1).
        if (!exchange.getMessage()
                .getHeader(Exchange.HTTP_PATH, "", String.class)
                .endsWith("/")) {
            throw new HttpFailure(404, "404 page not found");
        }
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/html; charset=utf-8");
        exchange.getMessage().setHeader("X-Content-Type-Options", "nosniff");
        exchange.getMessage()
                .setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'");
        exchange.getMessage().setBody(page);
    }

    private static byte[] resource(String name) {
        try (InputStream in = Console.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is missing: the build is broken");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
