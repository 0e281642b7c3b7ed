package dev.caravan.config;

import java.util.List;
import java.util.Map;

/**
 * Which broker holds the queues.
 *
 * @param url empty for the embedded one
 * @param listen addresses on which the embedded broker listens for other clients; empty for none
 * @param storeLimit bytes of journal at 80 % of which the door closes
 */
public record BrokerSettings(String url, List<String> listen, long storeLimit) {

    static final Setting<String> URL = Setting.text(
            "CARAVAN_BROKER_URL",
            "",
            "Any ActiveMQ URL, e.g. `failover:(tcp://a:61616,tcp://b:61616)`; the embedded broker when unset.");
    static final Setting<List<String>> LISTEN = Setting.list(
            "CARAVAN_BROKER_LISTEN",
            "",
            "Addresses, e.g. `tcp://127.0.0.1:61616`, on which the embedded broker takes other clients, who sign in as on `/system`.");
    static final Setting<Long> STORE_LIMIT = Setting.size(
            "CARAVAN_STORE_LIMIT",
            "10GiB",
            "Room for the embedded broker's journal; at 80 % of it new calls get 503, the rest is for what is already accepted.");

    static final List<Setting<?>> ALL = List.of(URL, LISTEN, STORE_LIMIT);

    static BrokerSettings from(Map<String, String> environment) {
        return new BrokerSettings(URL.in(environment), LISTEN.in(environment), STORE_LIMIT.in(environment));
    }

    public boolean embedded() {
        return url.isEmpty();
    }
}
