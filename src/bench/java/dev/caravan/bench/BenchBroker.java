package dev.caravan.bench;

import java.nio.file.Path;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.region.policy.PolicyEntry;
import org.apache.activemq.broker.region.policy.PolicyMap;
import org.apache.activemq.command.ActiveMQQueue;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;
import org.apache.activemq.store.kahadb.disk.journal.Journal.JournalDiskSyncStrategy;

/** The broker of the JMS baseline, set up as Caravan's own; the journal is synced before a send returns. */
final class BenchBroker implements AutoCloseable {

    private final BrokerService broker = new BrokerService();

    BenchBroker(Path folder) throws Exception {
        broker.setBrokerName("bench");
        broker.setUseJmx(false);
        broker.setUseShutdownHook(false);
        broker.setDataDirectoryFile(folder.toFile());
        broker.setSchedulerSupport(true);
        broker.setSchedulerDirectoryFile(folder.resolve("scheduler").toFile());
        var store = new KahaDBPersistenceAdapter();
        store.setDirectory(folder.resolve("journal").toFile());
        store.setJournalDiskSyncStrategy(JournalDiskSyncStrategy.ALWAYS.name());
        broker.setPersistenceAdapter(store);
        var all = new PolicyEntry();
        all.setPrioritizedMessages(true);
        all.setUsePrefetchExtension(false);
        all.setProducerFlowControl(false);
        var policies = new PolicyMap();
        policies.put(new ActiveMQQueue(">"), all);
        broker.setDestinationPolicy(policies);
        broker.getSystemUsage().getMemoryUsage().setLimit(64L << 20);
        broker.start();
        broker.waitUntilStarted();
    }

    String url() {
        return "vm://bench?create=false";
    }

    @Override
    public void close() throws Exception {
        broker.stop();
        broker.waitUntilStopped();
    }
}
