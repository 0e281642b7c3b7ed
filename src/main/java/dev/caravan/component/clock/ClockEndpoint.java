package dev.caravan.component.clock;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Begin a route at times of day. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "clock",
        title = "Clock",
        syntax = "clock:name",
        consumerOnly = true,
        category = {Category.SCHEDULING})
public class ClockEndpoint extends DefaultEndpoint {

    @UriPath(description = "Any name, for logs and lists of routes")
    @Metadata(required = true)
    private String name;

    @UriParam(description = "Cron expression: minute hour day month weekday, with seconds in front or not")
    @Metadata(required = true)
    private String cron = "";

    @UriParam(defaultValue = "UTC", description = "Time zone of the cron expression, e.g. Europe/Berlin")
    private String zone = "UTC";

    ClockEndpoint(String uri, ClockComponent component, String name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        var consumer = new ClockConsumer(this, processor, Schedule.of(cron, zone));
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException("a clock can be listened to (from:), not sent to (to:)");
    }

    @Override
    public ClockComponent getComponent() {
        return (ClockComponent) super.getComponent();
    }

    public String getName() {
        return name;
    }

    public void setName(String name) {
        this.name = name;
    }

    public String getCron() {
        return cron;
    }

    public void setCron(String cron) {
        this.cron = cron;
    }

    public String getZone() {
        return zone;
    }

    public void setZone(String zone) {
        this.zone = zone;
    }
}
