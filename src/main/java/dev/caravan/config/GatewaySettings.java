package dev.caravan.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Where HTTP comes in and how long it may take. Port 0 takes a free one. */
public record GatewaySettings(
        String host, int port, int managementPort, long maxBody, Duration callTimeout, Duration drain) {

    static final Setting<String> HOST =
            Setting.text("CARAVAN_HOST", "127.0.0.1", "Address on which the gateway and the console listen.");
    static final Setting<Integer> PORT =
            Setting.port("CARAVAN_PORT", 8080, "Port of the gateway and the console; 0 takes a free one.");
    static final Setting<Integer> MANAGEMENT_PORT = Setting.port(
            "CARAVAN_MANAGEMENT_PORT", 8082, "Port of `/metrics`, `/healthz` and `/readyz`; 0 takes a free one.");
    static final Setting<Long> MAX_BODY = Setting.size(
            "CARAVAN_MAX_BODY", "10MiB", "Largest body of an asynchronous call; above it the door answers 413.");
    static final Setting<Duration> CALL_TIMEOUT =
            Setting.duration("CARAVAN_CALL_TIMEOUT", "60s", "How long one synchronous call may take.");
    static final Setting<Duration> DRAIN =
            Setting.duration("CARAVAN_DRAIN", "30s", "How long a graceful stop waits for calls that are running.");

    static final List<Setting<?>> ALL = List.of(HOST, PORT, MANAGEMENT_PORT, MAX_BODY, CALL_TIMEOUT, DRAIN);

    static GatewaySettings from(Map<String, String> environment) {
        return new GatewaySettings(
                HOST.in(environment),
                PORT.in(environment),
                MANAGEMENT_PORT.in(environment),
                MAX_BODY.in(environment),
                CALL_TIMEOUT.in(environment),
                DRAIN.in(environment));
    }

    /** Whether only this machine can reach the gateway. */
    public boolean loopback() {
        // Anything else that looks like a number is a name to a resolver, which may know another address for it.
        return host.equals("localhost")
                || host.equals("::1")
                || host.matches("127(\\.(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}");
    }
}
