package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.caravan.config.ShownSetting;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** {@code settings}: what this node was started with, without secrets. */
public final class SettingsApi implements Processor {

    private final List<ShownSetting> settings;

    public SettingsApi(List<ShownSetting> settings) {
        this.settings = List.copyOf(settings);
    }

    @Override
    public void process(Exchange exchange) {
        ArrayNode all = JsonAnswer.object().putArray("settings");
        for (ShownSetting setting : settings) {
            all.addObject()
                    .put("name", setting.name())
                    .put("value", setting.value())
                    .put("default", setting.defaultValue())
                    .put("from", setting.given() ? "environment" : "default")
                    .put("meaning", setting.meaning());
        }
        new JsonAnswer(200, all).writeTo(exchange.getMessage());
    }
}
