package dev.caravan.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.caravan.config.LogSettings;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * How log lines look and which are written.
 *
 * <p>Logback finds this class as a service and asks it first, so that it neither searches for XML files nor starts a
 * parser; {@link #setUp} then puts the settings into force. Lines go to standard output.
 */
public final class Logging extends ContextAwareBase implements Configurator {

    private static final LogSettings BEFORE_SETTINGS_ARE_READ =
            new LogSettings(LogSettings.Format.CONSOLE, LogSettings.Level.INFO);

    /** They narrate each start, connection and route at INFO; what an operator should see of that we say ourselves. */
    private static final List<String> TALKATIVE = List.of(
            "com.zaxxer.hikari",
            "io.netty",
            "io.vertx",
            "org.apache.activemq",
            "org.apache.camel",
            "org.springframework");

    /** For Logback's service loader. */
    public Logging() {}

    /** Puts the settings into force for the whole process. May be called again. */
    public static void setUp(LogSettings settings) {
        apply((LoggerContext) LoggerFactory.getILoggerFactory(), settings);
    }

    @Override
    public ExecutionStatus configure(LoggerContext loggers) {
        apply(loggers, BEFORE_SETTINGS_ARE_READ);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static void apply(LoggerContext loggers, LogSettings settings) {
        Logger root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        Encoder<ILoggingEvent> encoder = switch (settings.format()) {
            case CONSOLE -> lines(loggers);
            case JSON -> objects(loggers);
        };
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(loggers);
        appender.setEncoder(encoder);
        appender.start();
        root.addAppender(appender);

        root.setLevel(Level.valueOf(settings.level().name()));
        for (String name : TALKATIVE) {
            boolean wanted = settings.level() == LogSettings.Level.DEBUG || settings.level() == LogSettings.Level.ERROR;
            loggers.getLogger(name).setLevel(wanted ? null : Level.WARN);
        }
    }

    private static Encoder<ILoggingEvent> lines(LoggerContext loggers) {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(loggers);
        encoder.setPattern("%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %-20logger{0} %msg%n");
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> objects(LoggerContext loggers) {
        var encoder = new JsonEncoder();
        encoder.setContext(loggers);
        // The message as a reader wants it, not its template and arguments apart; nothing that is the same every line.
        encoder.setWithFormattedMessage(true);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithMDC(false);
        encoder.start();
        return encoder;
    }
}
