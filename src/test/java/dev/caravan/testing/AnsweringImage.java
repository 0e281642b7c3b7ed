package dev.caravan.testing;

import java.io.IOException;
import java.util.Map;

/** A function in a container, of busybox and two scripts. */
public final class AnsweringImage {

    public static final String NAME = "caravan-test/answer:1";

    /** Answers by {@code $text}, or by the secret that it names; says what it was asked for. */
    private static final String ANSWER = """
            #!/bin/busybox sh
            export PATH=/bin
            read -r request
            while read -r header && [ ${#header} -gt 1 ]; do :; done
            case $request in
              *" /_/health "*) body=ready ;;
              *" /memory "*) body=$(busybox tail /dev/zero) ;;
              *)
                busybox usleep 20000
                echo "asked for $request" >&2
                if [ -n "$secret" ]; then body=$(busybox base64 "/var/openfaas/secrets/$secret"); else body=$text; fi ;;
            esac
            printf 'HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n%s' ${#body} "$body"
            """;

    /** Ends when it is asked to, as the first process of a container must see to by itself. */
    private static final String SERVE = """
            #!/bin/busybox sh
            trap 'exit 0' TERM
            busybox nc -ll -p 8080 -e /answer &
            wait
            """;

    private AnsweringImage() {}

    public static void build(PrivateEngine engine) throws IOException {
        build(engine.daemon());
    }

    public static void build(EngineDaemon engine) throws IOException {
        engine.build(NAME, Map.of("/answer", ANSWER, "/serve", SERVE), "ENTRYPOINT [\"/serve\"]");
    }
}
