package dev.caravan.watchdog;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Set;

/** What the log says of each call (contract section 6.5). */
final class CallLog {

    /** Whoever has the log should not have the keys. */
    private static final Set<String> SECRET = Set.of("authorization", "proxy-authorization", "cookie", "x-api-key");

    private final WatchdogSettings settings;
    private final FunctionLog log;

    CallLog(WatchdogSettings settings, FunctionLog log) {
        this.settings = settings;
        this.log = log;
    }

    /** The header of a request that came, when that is wanted. */
    void came(Exchange exchange) {
        if (settings.log().headers()) {
            for (Headers.Field field : exchange.headers().fields()) {
                boolean secret = SECRET.contains(field.name().toLowerCase(Locale.ROOT));
                log.line("Header: " + Headers.canonical(field.name()) + ": " + (secret ? "***" : field.value()));
            }
        }
    }

    /** {@code GET / - 200 OK - ContentLength: 81B (0.0023s)}. */
    void done(Exchange exchange, String status, long nanos) {
        String id = exchange.headers().first("X-Call-Id", "");
        log.line(String.format(
                Locale.ROOT,
                "%s %s - %s - ContentLength: %s (%.4fs)%s",
                exchange.method(),
                exchange.target(),
                status,
                size(exchange.written()),
                nanos / 1e9,
                settings.log().callId() && !id.isEmpty() ? " [" + id + "]" : ""));
    }

    /** In steps of a thousand, with four digits at most. */
    private static String size(long bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double size = bytes;
        int unit = 0;
        while (size >= 1000 && unit < units.length - 1) {
            size /= 1000;
            unit++;
        }
        BigDecimal number = new BigDecimal(size).round(new MathContext(4));
        return (number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString()) + units[unit];
    }
}
