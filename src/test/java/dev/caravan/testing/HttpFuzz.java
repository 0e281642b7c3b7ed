package dev.caravan.testing;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Makes up HTTP requests, sensible and senseless, the same ones for the same random numbers. Names and values are such
 * that no function is started but by a command that does no harm.
 */
public final class HttpFuzz {

    private static final String[] METHODS = {
        "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE", "FROB", "get"
    };
    private static final String[] PATHS = {
        "/",
        "/ui",
        "/ui/",
        "/ui/../x",
        "/healthz",
        "/function/",
        "/function/echo",
        "/function/echo/",
        "/function/echo.",
        "/function/echo.openfaas-fn/a/b",
        "/function/echo.nowhere",
        "/function/nobody",
        "/function//",
        "/function/%65cho",
        "/function/..",
        "/function/echo/%2F%2e%2e/%00/%",
        "/async-function/nobody",
        "/async-function/echo",
        "/async-function/",
        "/async-function/echo/x",
        "/system/functions",
        "/system/function/echo",
        "/system/function/%zz",
        "/system/scale-function/echo",
        "/system/scale-function/nobody",
        "/system/info",
        "/system/logs",
        "/system/queues",
        "/system/dead-letters",
        "/system/dead-letters/x.1",
        "/system/dead-letters/%0a/replay",
        "/system/async-report",
        "/system/telemetry",
        "/system/secrets",
        "/system/namespaces",
        "/system/namespace/",
        "/system/namespace/x",
        "/system/alert",
        "/system/events?types=none",
        "/openapi.yaml",
        "/metrics",
        "//",
        "/./",
        "/system//functions",
        "*",
        "x",
        "http://other/function/echo?x",
        "http://",
        "echo:80"
    };
    private static final String[] KEYS = {
        "name",
        "namespace",
        "instance",
        "tail",
        "since",
        "limit",
        "cursor",
        "reason",
        "status",
        "queue",
        "usage",
        "function",
        "x",
        "CamelHttpMethod",
        "",
        "%",
        "confirm"
    };
    private static final String[] VALUES = {
        "echo", "nobody", "echo.openfaas-fn", "openfaas-fn", "", "0", "-1", "1", "99999999999999999999", "1.5", "true",
        "null", "2026-01-01T00:00:00Z", "%00", "%", "%zz", "+", "a%20b", "../../etc/passwd", "${body}", "é",
                "%F0%9F%9A%80",
        "{{x}}", "'", "\"", "<b>", "1;drop", "x.1", "faas-request", "rejected", "2"
    };
    private static final String[] HEADERS = {
        "X-Call-Id",
        "X-Callback-Url",
        "X-Delay",
        "X-Max-Age",
        "X-Priority",
        "Content-Type",
        "Accept",
        "Authorization",
        "Cookie",
        "Expect",
        "Connection",
        "Upgrade",
        "TE",
        "Trailer",
        "Host",
        "Accept-Encoding",
        "CamelHttpUri",
        "CamelFileName",
        "AMQ_SCHEDULED_DELAY",
        "JMSType",
        "breadcrumbId",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Idempotency-Key",
        "X-Start-Time",
        "Range",
        "Origin",
        "X-" + "y".repeat(300)
    };
    private static final String[] HEADER_VALUES = {
        "",
        "1",
        "-1",
        "close",
        "keep-alive",
        "upgrade",
        "websocket",
        "100-continue",
        "gzip",
        "trailers",
        "Bearer ",
        "Basic !!!",
        "Basic YTpi",
        "http://127.0.0.1:1/",
        "file:///etc/passwd",
        "not a url",
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=",
        "1h30m",
        "99999999999999999999h",
        "é\u0080\u00ff",
        "a, b;q=0.1",
        "x".repeat(2_000),
        "9",
        "bytes=0-",
        "../..",
        "11111111-2222-3333-4444-555555555555",
        "${camelId}",
        "\t"
    };
    private static final String[] FIELDS = {
        "service", "functionName", "serviceName", "image", "namespace", "envProcess", "envVars", "labels",
                "annotations",
        "secrets", "constraints", "limits", "requests", "replicas", "readOnlyRootFilesystem", "name", "value",
                "statusCode",
        "timeTaken", "status", "alerts", "x"
    };

    private final Random random;

    public HttpFuzz(Random random) {
        this.random = random;
    }

    /** What is sent, and how many answers it must get unless the connection is closed; -1 when nobody can tell. */
    public record Sent(byte[] bytes, int answers, boolean head) {}

    /** A request that is complete, whatever it asks for. */
    public Sent wellFramed() {
        boolean[] head = new boolean[1];
        return new Sent(bytes(request(head)), 1, head[0]);
    }

    /** Several at once on one connection. */
    public Sent pipelined() {
        int count = 2 + random.nextInt(6);
        var all = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String body = random.nextBoolean() ? "" : "b".repeat(random.nextInt(3_000));
            all.append(body.isEmpty() ? "GET " : "POST ")
                    .append(pick("/function/echo", "/system/info", "/healthz", "/nowhere", "/async-function/nobody"))
                    .append(" HTTP/1.1\r\nHost: x\r\nContent-Length: ")
                    .append(body.length())
                    .append("\r\n\r\n")
                    .append(body);
        }
        return new Sent(bytes(all.toString()), count, false);
    }

    /** What is no HTTP, or only half of it. */
    public Sent broken() {
        String whole = request(new boolean[1]);
        String text = switch (random.nextInt(14)) {
            case 0 -> whole.substring(0, random.nextInt(whole.length()));
            case 1 -> whole.replace("\r\n", "\n");
            case 2 ->
                "POST /function/echo HTTP/1.1\r\nHost: x\r\nContent-Length: "
                        + pick("-1", "x", "5, 6", "99999999999999999999", "+5", "0x10", "") + "\r\n\r\nhello";
            case 3 -> "POST /function/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!";
            case 4 ->
                "POST " + pick("/function/echo", "/system/functions")
                        + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
                        + "5\r\nhello\r\n0\r\n\r\n";
            case 5 ->
                "POST " + pick("/function/echo", "/system/functions", "/async-function/echo")
                        + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + pick(
                                "zz\r\nhello",
                                "-5\r\nhello",
                                "5\r\nhel",
                                "FFFFFFFFFFFFFFFF\r\nx",
                                "5;" + "e".repeat(99_000));
            case 6 -> "GET " + pick(PATHS) + " HTTP/" + pick("0.9", "1.0", "2.0", "9.9", "1.1.1", "") + "\r\n\r\n";
            case 7 ->
                "GET / HTTP/1.1\r\n" + pick(": x", " x: y", "x y: z", "x\u0000: y", "x: a\u0000b", "no colon")
                        + "\r\n\r\n";
            case 8 -> "GET /" + "a".repeat(random.nextInt(40_000)) + " HTTP/1.1\r\nHost: x\r\n\r\n";
            case 9 -> "GET / HTTP/1.1\r\nX: " + "b".repeat(random.nextInt(200_000)) + "\r\n\r\n";
            case 10 -> "GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(random.nextInt(20_000)) + "\r\n";
            case 11 -> garbage(1 + random.nextInt(2_000));
            case 12 -> mutated(whole);
            default -> "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + garbage(50);
        };
        return new Sent(bytes(text), -1, false);
    }

    private String request(boolean[] head) {
        String method = pick(METHODS);
        head[0] = method.equals("HEAD");
        var request = new StringBuilder(method).append(' ').append(target()).append(" HTTP/1.1\r\nHost: test\r\n");
        for (int i = random.nextInt(5); i > 0; i--) {
            String name = pick(HEADERS);
            String value = pick(HEADER_VALUES);
            // An upgrade or an expectation that is granted would make the end of the answer another one.
            if (!value.equals("100-continue") || name.equals("X-Delay")) {
                request.append(name).append(": ").append(value).append("\r\n");
            }
        }
        String body = random.nextInt(3) == 0 ? "" : body();
        if (random.nextInt(4) == 0 && !body.isEmpty()) {
            int cut = random.nextInt(body.length());
            return request.append("Transfer-Encoding: chunked\r\n\r\n")
                    .append(chunk(body.substring(0, cut)))
                    .append(chunk(body.substring(cut)))
                    .append("0\r\n\r\n")
                    .toString();
        }
        return request.append("Content-Length: ")
                .append(body.length())
                .append("\r\n\r\n")
                .append(body)
                .toString();
    }

    private static String chunk(String text) {
        return text.isEmpty() ? "" : Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private String target() {
        String path = pick(PATHS);
        if (random.nextInt(4) == 0) {
            path += pick("/", "%20", "%", "/%2e%2e/", "/x", ";a=b", "\u00e9", "\\", "/" + "y".repeat(500));
        }
        if (random.nextInt(2) == 0) {
            return path;
        }
        var query = new StringBuilder(path).append('?');
        for (int i = random.nextInt(6); i > 0; i--) {
            query.append(pick(KEYS))
                    .append(pick("=", "=", ""))
                    .append(query(pick(VALUES)))
                    .append(pick("&", "&", "&&", ";"));
        }
        return query.toString();
    }

    /** Any text but a space, which would end the target. */
    private static String query(String value) {
        return value.replace(' ', '+');
    }

    private String body() {
        return switch (random.nextInt(8)) {
            case 0 -> garbage(random.nextInt(500));
            case 1 -> "x".repeat(random.nextInt(70_000));
            case 2 -> "[".repeat(random.nextInt(20_000));
            case 3 -> mutated(json(2));
            case 4 -> pick("null", "0", "\"\"", "[]", "{}", "{", "{\"service\":", "\u00ef\u00bb\u00bf{}", "\ud800");
            default -> json(2);
        };
    }

    private String json(int depth) {
        var object = new StringBuilder("{");
        for (int i = random.nextInt(7); i >= 0; i--) {
            String field = pick(FIELDS);
            object.append('"')
                    .append(field)
                    .append("\":")
                    .append(value(field, depth))
                    .append(i == 0 ? "" : ",");
        }
        return object.append('}').toString();
    }

    private String value(String field, int depth) {
        int kind = random.nextInt(10);
        if (kind == 0) {
            return pick("null", "true", "[]", "{}", "1e999", "-0", "[1,[2]]", "\"\\u0000\"", "1.5");
        }
        return switch (field) {
            case "service", "functionName", "serviceName", "name" ->
                "\"" + pick("echo.x", "fuzz-1", "fuzz-2", "Fuzz", "-", "a/b") + "\"";
            case "envProcess" -> pick("\"cat\"", "\"\"", "\"true\"", "\"/no/such/program\"");
            case "replicas" -> pick("0", "1", "2", "-1", "2147483648", "1e3", "99999");
            case "statusCode", "timeTaken" -> pick("200", "-5", "1e300", "0.001");
            case "envVars", "labels", "annotations", "limits", "requests" ->
                depth == 0
                        ? "{}"
                        : "{\"" + pick("a", "com.openfaas.retry.attempts", "memory", "") + "\":" + value("x", depth - 1)
                                + "}";
            case "secrets", "constraints", "alerts" -> "[" + (depth == 0 ? "" : value("x", depth - 1)) + "]";
            default ->
                depth == 0 ? "\"x\"" : pick("\"x\"", "\"openfaas-fn\"", "\"" + "z".repeat(300) + "\"", json(depth - 1));
        };
    }

    private String mutated(String text) {
        var changed = new StringBuilder(text);
        for (int i = 1 + random.nextInt(4); i > 0 && changed.length() > 0; i--) {
            int at = random.nextInt(changed.length());
            switch (random.nextInt(3)) {
                case 0 -> changed.setCharAt(at, (char) random.nextInt(256));
                case 1 -> changed.deleteCharAt(at);
                default -> changed.insert(at, (char) random.nextInt(256));
            }
        }
        return changed.toString();
    }

    private String garbage(int length) {
        var text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) random.nextInt(256));
        }
        return text.toString();
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
