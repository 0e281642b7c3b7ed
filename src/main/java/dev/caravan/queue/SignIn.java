package dev.caravan.queue;

import dev.caravan.queue.EmbeddedBroker.Account;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.ConnectionContext;
import org.apache.activemq.command.ConnectionInfo;
import org.jspecify.annotations.Nullable;

/**
 * Every client of a broker that listens signs in with one account, those inside this process too. ActiveMQ's own plugin
 * would need its JAAS module and compares passwords in a time that tells how much of them was right.
 */
final class SignIn implements BrokerPlugin {

    private final Account account;

    SignIn(Account account) {
        this.account = account;
    }

    @Override
    public Broker installPlugin(Broker broker) {
        return new BrokerFilter(broker) {
            @Override
            public void addConnection(ConnectionContext context, ConnectionInfo info) throws Exception {
                // Both are compared whatever the first says.
                if (!(same(account.user(), info.getUserName()) & same(account.password(), info.getPassword()))) {
                    throw new SecurityException("the user name or password is invalid");
                }
                super.addConnection(context, info);
            }
        };
    }

    private static boolean same(String expected, @Nullable String given) {
        return given != null
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }
}
