package dev.caravan.watchdog;

import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A watchdog's settings, under the names OpenFaaS gave them (contract section 6.1). What cannot be read is the default,
 * as there; what cannot be done stops the start.
 *
 * @param command the process and its arguments, split at single spaces; there is no quoting; empty in static mode
 * @param maxInflight how many calls may run at once; zero is any number
 * @param contentType of every answer of a mode that forks; empty for the request's
 * @param combineOutput whether what a process writes to its standard error is part of the answer
 * @param marshalRequest whether a process is given the request as JSON rather than its body
 * @param bufferBody whether a process that speaks HTTP is always told the length of the body
 * @param upstream where the process that speaks HTTP listens; present in http mode
 * @param readyPath what a question for readiness asks the function; empty to ask nobody
 * @param port of the watchdog
 * @param metricsPort where it is measured
 */
record WatchdogSettings(
        Mode mode,
        List<String> command,
        Timeouts timeouts,
        int maxInflight,
        String contentType,
        boolean cgiHeaders,
        boolean combineOutput,
        boolean marshalRequest,
        boolean suppressLock,
        boolean bufferBody,
        Optional<Upstream> upstream,
        Path staticPath,
        String readyPath,
        LogStyle log,
        int port,
        int metricsPort) {

    /**
     * How long things may take.
     *
     * @param read a request's header in all, and each pause within its body; zero is for ever
     * @param write a client that takes none of its answer; calls that run when the watchdog stops
     * @param exec one call; zero is for ever
     * @param health between the signal to stop, when health begins to fail, and the end of accepting
     */
    record Timeouts(Duration read, Duration write, Duration exec, Duration health) {

        private static Timeouts from(Variables variables, boolean classic) {
            Duration write = variables.duration("write_timeout", Duration.ofSeconds(30));
            if (write.isZero() && !classic) {
                throw new IllegalArgumentException("write_timeout must be longer than 0");
            }
            return new Timeouts(
                    variables.duration("read_timeout", Duration.ofSeconds(30)),
                    write,
                    variables.duration("exec_timeout", classic ? Duration.ZERO : Duration.ofSeconds(30)),
                    variables.duration("healthcheck_interval", write));
        }
    }

    /**
     * What the log shows.
     *
     * @param prefix whether a function's lines begin with the name of their stream
     * @param longestLine characters of a line; its tail is cut off
     * @param callId whether a call's line ends with its id
     * @param headers whether each request's header is logged
     * @param output whether each answer is logged
     */
    record LogStyle(boolean prefix, int longestLine, boolean callId, boolean headers, boolean output) {

        /** A line may be this long when there is no limit to it. */
        private static final int UNLIMITED = 16 * 1024 * 1024;

        private static LogStyle from(Variables variables, boolean classic) {
            int size = variables.number("log_buffer_size", 65536);
            return new LogStyle(
                    classic || variables.flag("prefix_logs", true),
                    size < 0 ? UNLIMITED : Math.max(1, size),
                    variables.flag("log_callid", false),
                    variables.flag("debug_headers", false),
                    variables.flag("write_debug", false));
        }

        /** Takes the lines of a function's stream to {@code log}. */
        FunctionLog of(String stream, FunctionLog log) {
            return prefix ? line -> log.line(stream + ": " + line) : log::bare;
        }
    }

    /**
     * A process that speaks HTTP.
     *
     * @param path before every request's path; empty or without a slash at its end
     */
    record Upstream(InetSocketAddress address, String path) {

        private static Upstream from(String text) {
            try {
                URI uri = URI.create(text);
                String host = uri.getHost();
                if ("http".equalsIgnoreCase(uri.getScheme()) && host != null) {
                    int port = uri.getPort() < 0 ? 80 : uri.getPort();
                    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
                    return new Upstream(new InetSocketAddress(host, port), path.replaceFirst("/+$", ""));
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(wanted(text), e);
            }
            throw new IllegalArgumentException(wanted(text));
        }

        private static String wanted(String text) {
            return "upstream_url \"" + text + "\" is no http://HOST:PORT";
        }
    }

    /** @throws IllegalArgumentException when it cannot run so; the message is one readable line */
    static WatchdogSettings from(Map<String, String> environment) {
        Mode mode = Mode.of(environment.getOrDefault("mode", ""));
        boolean classic = mode == Mode.CLASSIC;
        Variables variables = new Variables(environment, !classic);
        if (variables.flag("jwt_auth", false)) {
            // To run without the check somebody asked for would be worse than not to run.
            throw new IllegalArgumentException("jwt_auth is not supported: let the gateway ask who calls");
        }
        return new WatchdogSettings(
                mode,
                command(variables, mode),
                Timeouts.from(variables, classic),
                Math.max(0, variables.number("max_inflight", 0)),
                variables.text("content_type", classic ? "" : "application/octet-stream"),
                !classic || variables.flag("cgi_headers", true),
                classic && variables.flag("combine_output", true),
                classic && variables.flag("marshal_request", false),
                variables.flag("suppress_lock", false),
                variables.flag("http_buffer_req_body", false) || variables.flag("buffer_http", false),
                mode == Mode.HTTP ? Optional.of(upstream(variables)) : Optional.empty(),
                Path.of(variables.text("static_path", "/home/app/public")),
                variables.text("ready_path", "").replaceFirst("^(?=[^/])", "/"),
                LogStyle.from(variables, classic),
                variables.port("port", 8080),
                variables.port("metrics_port", 8081));
    }

    private static List<String> command(Variables variables, Mode mode) {
        String process = variables.text("function_process", variables.text("fprocess", ""));
        if (mode == Mode.STATIC) {
            return List.of();
        }
        if (process.isBlank()) {
            throw new IllegalArgumentException("set fprocess to the command that answers a request");
        }
        return List.of(process.split(" "));
    }

    private static Upstream upstream(Variables variables) {
        String url = variables.text("http_upstream_url", variables.text("upstream_url", ""));
        if (url.isEmpty()) {
            throw new IllegalArgumentException(
                    "set upstream_url to where the function listens in mode http, such as" + " http://127.0.0.1:3000");
        }
        return Upstream.from(url);
    }

    /** As the log says it and Go writes it: {@code 1m30s}. */
    static String said(Duration duration) {
        if (duration.toMillis() < 1000) {
            return duration.isZero() ? "0s" : duration.toMillis() + "ms";
        }
        String seconds = BigDecimal.valueOf(duration.toSecondsPart() * 1000L + duration.toMillisPart(), 3)
                        .stripTrailingZeros()
                        .toPlainString()
                + "s";
        long hours = duration.toHours();
        if (hours > 0) {
            return hours + "h" + duration.toMinutesPart() + "m" + seconds;
        }
        return duration.toMinutes() > 0 ? duration.toMinutes() + "m" + seconds : seconds;
    }
}
