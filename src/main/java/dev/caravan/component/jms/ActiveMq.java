package dev.caravan.component.jms;

import dev.caravan.queue.BrokerClient;
import org.apache.camel.component.activemq.ActiveMQComponent;

/** The {@code activemq:} component as Caravan's routes use it. */
public final class ActiveMq {

    private ActiveMq() {}

    /** A component of its own for each Camel context: sends over pooled connections, consumes over plain ones. */
    public static ActiveMQComponent component(BrokerClient broker) {
        var component = new ActiveMQComponent();
        component.setUsePooledConnection(false);
        component.setConnectionFactory(broker.senders());
        component.getConfiguration().setTemplateConnectionFactory(broker.senders());
        component.getConfiguration().setListenerConnectionFactory(broker.consumers());
        // The priority of a message is its call's.
        component.setPreserveMessageQos(true);
        component.setTestConnectionOnStartup(false);
        return component;
    }
}
