package dev.caravan.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.config.LogSettings;
import dev.caravan.config.LogSettings.Format;
import dev.caravan.config.LogSettings.Level;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Logging belongs to the whole process; these tests look at what really comes out of it. */
class LoggingTest {

    private final PrintStream before = System.out;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @AfterEach
    void restore() {
        System.setOut(before);
        Logging.setUp(new LogSettings(Format.CONSOLE, Level.INFO));
    }

    @Test
    void aLineForPeopleHasTimeLevelShortLoggerAndMessage() {
        capture(new LogSettings(Format.CONSOLE, Level.INFO));

        LoggerFactory.getLogger("dev.caravan.queue.Broker").info("broker started queues={}", 3);
        LoggerFactory.getLogger("dev.caravan.queue.Broker").debug("not wanted");

        assertThat(text()).matches("\\d{4}-\\d\\d-\\d\\d [0-9:.]{12} INFO  Broker {15}broker started queues=3\\R");
    }

    @Test
    void aLineForMachinesIsOneJsonObject() throws Exception {
        capture(new LogSettings(Format.JSON, Level.INFO));

        LoggerFactory.getLogger("dev.caravan.queue.Broker").warn("cannot \"send\"\nto {}", "faas-request");

        assertThat(text().lines()).hasSize(1);
        JsonNode line = new ObjectMapper().readTree(text());
        assertThat(line.get("level").asText()).isEqualTo("WARN");
        assertThat(line.get("loggerName").asText()).isEqualTo("dev.caravan.queue.Broker");
        assertThat(line.get("formattedMessage").asText()).isEqualTo("cannot \"send\"\nto faas-request");
        assertThat(line.get("timestamp").asLong()).isPositive();
    }

    @Test
    void librariesAreHeardOnlyWhenTheyWarn() {
        capture(new LogSettings(Format.CONSOLE, Level.INFO));

        LoggerFactory.getLogger("org.apache.camel.impl.Engine").info("routes startup");
        LoggerFactory.getLogger("org.apache.activemq.broker.Broker").warn("store is full");

        assertThat(text()).contains("store is full").doesNotContain("routes startup");
    }

    @Test
    void debugLetsLibrariesSpeak() {
        capture(new LogSettings(Format.CONSOLE, Level.DEBUG));

        LoggerFactory.getLogger("org.apache.camel.impl.Engine").debug("routes startup");

        assertThat(text()).contains("routes startup");
    }

    @Test
    void onlyErrorsMeansOnlyErrorsOfLibrariesToo() {
        capture(new LogSettings(Format.CONSOLE, Level.ERROR));

        LoggerFactory.getLogger("org.apache.camel.impl.Engine").warn("routes startup");

        assertThat(text()).isEmpty();
    }

    private void capture(LogSettings settings) {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        Logging.setUp(settings);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
