package dev.caravan.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.Service;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.TransportConnector;
import org.apache.activemq.broker.region.policy.PolicyMap;
import org.apache.activemq.broker.scheduler.JobScheduler;
import org.apache.activemq.command.ActiveMQQueue;
import org.apache.activemq.store.SharedFileLocker;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;
import org.apache.activemq.store.kahadb.disk.journal.Journal.JournalDiskSyncStrategy;
import org.apache.activemq.store.kahadb.disk.journal.Journal.PreallocationStrategy;
import org.apache.activemq.usage.SystemUsage;
import org.apache.activemq.util.ByteSequence;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ActiveMQ broker inside this process: KahaDB with a journal that is synced before a send returns, and the
 * scheduler that holds retries and delayed calls.
 *
 * <p>The broker's own limits are the disk's, far above the room that {@link StoreRoom} leaves for new calls: a broker
 * whose store is full blocks its senders and its scheduler drops what falls due.
 */
public final class EmbeddedBroker implements AutoCloseable {

    /** How clients of the listening addresses sign in. */
    public record Account(String user, String password) {}

    /**
     * Of the heap, what messages of all queues together should take, and how large one of another client may be: it is in
     * memory several times while it is taken in and passed on.
     */
    private static final int SHARE_OF_MESSAGES = 4;

    private static final int SHARE_OF_ONE_MESSAGE = 8;

    private static final String FRAME_LIMIT = "wireFormat.maxFrameSize";

    private static final int INDEX_PAGES = 2_500;
    private static final int MAX_JOURNAL_FILE = 32 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

    private final String name = "caravan-" + UUID.randomUUID();
    private final long heap;
    private final Path folder;
    private final List<String> listen;
    private final Account account;
    private final BrokerService broker = new BrokerService();
    private final ClockWatch clockWatch;

    /**
     * @param folder where the journal stands; created when missing
     * @param storeLimit bytes after which the door closes; only shapes the journal's files here
     * @param listen addresses for other clients, e.g. {@code tcp://127.0.0.1:61616}; may be empty
     * @param account what those clients sign in with
     * @param clock what its scheduler goes by: the machine's
     */
    public EmbeddedBroker(Path folder, long storeLimit, List<String> listen, Account account, InstantSource clock) {
        this(folder, storeLimit, listen, account, clock, Runtime.getRuntime().maxMemory());
    }

    /** @param heap bytes that this process has */
    EmbeddedBroker(Path folder, long storeLimit, List<String> listen, Account account, InstantSource clock, long heap) {
        this.heap = heap;
        this.folder = folder;
        this.listen = List.copyOf(listen);
        this.account = account;
        this.clockWatch = new ClockWatch(clock, System::nanoTime, this::lookAtTheScheduleAgain);
        configure(storeLimit);
    }

    private void configure(long storeLimit) {
        broker.setBrokerName(name);
        broker.setUseJmx(false);
        broker.setUseShutdownHook(false);
        broker.setAdvisorySupport(true);
        broker.setDataDirectoryFile(folder.toFile());
        broker.setTmpDataDirectory(folder.resolve("temporary").toFile());
        broker.setSchedulerSupport(true);
        broker.setSchedulerDirectoryFile(folder.resolve("scheduler").toFile());
        broker.setDestinationPolicy(policies());
        broker.setIoExceptionHandler(new InterruptsAreTheSenders());

        var store = new KahaDBPersistenceAdapter();
        store.setDirectory(folder.resolve("journal").toFile());
        store.setJournalDiskSyncStrategy(JournalDiskSyncStrategy.ALWAYS.name());
        store.setJournalMaxFileLength((int) Math.max(1 << 20, Math.min(MAX_JOURNAL_FILE, storeLimit / 16)));
        store.setCleanupInterval(5_000);
        // A file of zeros has its blocks already, so a sync of the journal waits for the journal alone. With a sparse
        // file each sync also commits the file system's own journal, and waits for whatever the index and the ledger
        // wrote.
        store.setPreallocationStrategy(PreallocationStrategy.CHUNKED_ZEROS.name());
        store.setPreallocationScope(JournalTail.PREALLOCATION.name());
        store.setIndexCacheSize(INDEX_PAGES);
        // On, KahaDB stores messages on one thread, a disk sync for each, and only skips what is consumed at once: fine
        // for calls that take no time. Off, what many senders wait for shares a sync: three to six times as many calls
        // accepted while the functions are busy, half as many when they are not (64 senders, on a busy machine).
        store.setConcurrentStoreAndDispatchQueues(false);
        store.setCheckForCorruptJournalFiles(true);
        var locker = new SharedFileLocker() {
            @Override
            public void doStart() throws Exception {
                super.doStart();
                JournalTail.mend(store.getDirectory().toPath());
            }
        };
        // By default KahaDB waits for ever for the other broker to leave.
        locker.setFailIfLocked(true);
        try {
            store.setLocker(locker);
            broker.setPersistenceAdapter(store);
        } catch (IOException e) {
            throw new BrokerException("cannot set up the broker's store in " + folder + ": " + e.getMessage(), e);
        }
    }

    private static PolicyMap policies() {
        var map = new PolicyMap();
        map.put(new ActiveMQQueue(">"), QueuePolicy.ofCalls());
        map.put(new ActiveMQQueue(QueueNames.deadLetters(">")), QueuePolicy.ofDeadLetters());
        return map;
    }

    /**
     * Opens the journal, recovering what a crash left, and takes clients.
     *
     * @throws BrokerException with one readable line when the folder cannot be used or an address is taken
     */
    public void start() {
        checkFolder();
        try {
            var plugins = new ArrayList<BrokerPlugin>();
            if (!listen.isEmpty()) {
                plugins.add(new SignIn(account));
            }
            broker.setPlugins(plugins.toArray(BrokerPlugin[]::new));
            for (String address : listen) {
                broker.addConnector(limited(address));
            }
            limitToDisk(broker.getSystemUsage());
            broker.start();
            broker.waitUntilStarted();
            clockWatch.start();
        } catch (Exception e) {
            throw new BrokerException("cannot start the embedded broker in " + folder + ": " + reason(e), e);
        }
    }

    /**
     * What a client sends is read whole before anybody looks at it. One that is too large for the heap would end the
     * process, and once it is in the journal, the next one too. Who listens may say another limit.
     */
    private String limited(String address) {
        if (address.contains(FRAME_LIMIT)) {
            return address;
        }
        return address + (address.contains("?") ? "&" : "?") + FRAME_LIMIT + "=" + heap / SHARE_OF_ONE_MESSAGE;
    }

    private void checkFolder() {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new BrokerException("cannot start the embedded broker: cannot create its folder " + folder, e);
        }
        if (!Files.isWritable(folder)) {
            throw new BrokerException(
                    "cannot start the embedded broker: its folder " + folder + " is not writable", null);
        }
    }

    private String reason(Exception failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("could not be locked")) {
            return "another broker is using it; stop that one, or set CARAVAN_DATA to another folder";
        }
        if (message.startsWith("Failed to bind")) {
            return "cannot listen on " + String.join(", ", listen) + " (CARAVAN_BROKER_LISTEN): "
                    + message.replaceFirst("(?s).*Exception: ", "");
        }
        return message.lines().findFirst().orElse(message);
    }

    private void limitToDisk(SystemUsage usage) {
        // A little less than all: what is said to be beyond the disk is a warning in the log at every start.
        long disk = folder.toFile().getUsableSpace() / 20 * 19;
        usage.getMemoryUsage().setLimit(heap / SHARE_OF_MESSAGES);
        usage.getStoreUsage().setLimit(disk);
        usage.getTempUsage().setLimit(Math.min(disk, 1L << 30));
        usage.getJobSchedulerUsage().setLimit(disk);
        // Never a hang: whoever meets a full store is told so and, as a worker, keeps its message.
        usage.setSendFailIfNoSpaceAfterTimeout(2_000);
    }

    /** How clients inside this process connect; when it listens, they sign in with {@link #account}. */
    public String url() {
        // create=false: without it a mistyped or stopped broker would silently be a second, empty one.
        // async=false: the sender's own thread does the broker's work, instead of handing it to another and back.
        return "vm://" + name + "?create=false&waitForStart=10000&async=false";
    }

    public Account account() {
        return account;
    }

    /** Bytes on disk: the journal with its index, and the scheduler's. */
    public long storedBytes() {
        SystemUsage usage = broker.getSystemUsage();
        return usage.getStoreUsage().getUsage() + usage.getJobSchedulerUsage().getUsage();
    }

    /** Bytes of messages that are held ready or given to somebody. */
    long messageMemory() {
        return broker.getSystemUsage().getMemoryUsage().getUsage();
    }

    /** Addresses on which it really listens, in the order asked for, without their options. */
    public List<String> addresses() {
        var addresses = new ArrayList<String>();
        for (TransportConnector connector : broker.getTransportConnectors()) {
            addresses.add(String.valueOf(connector.getUri()).replaceFirst("\\?.*", ""));
        }
        return addresses;
    }

    @Override
    public void close() {
        clockWatch.close();
        try {
            if (broker.isStarted()) {
                stopScheduler();
            }
            broker.stop();
            broker.waitUntilStopped();
        } catch (Exception e) {
            throw new BrokerException("the embedded broker did not stop cleanly: " + e.getMessage(), e);
        }
    }

    /**
     * Ends the scheduler before the rest. BrokerService takes the scheduler's listener away first and its store last;
     * a message that falls due in between would be fired at nobody and removed.
     */
    private void stopScheduler() throws Exception {
        if (scheduler() instanceof Service service) {
            service.stop();
        }
    }

    /**
     * The scheduler sleeps until the next message is due by the clock as it was. Only a new entry wakes it, so it gets
     * one, which goes at once.
     */
    private void lookAtTheScheduleAgain() {
        String entry = "clock-was-set";
        try {
            scheduler().schedule(entry, new ByteSequence(new byte[0]), TimeUnit.DAYS.toMillis(1));
            scheduler().remove(entry);
            LOG.info("the clock was set, the schedule of delayed calls is looked at again");
        } catch (Exception e) {
            LOG.warn("the clock was set, delayed calls may be late", e);
        }
    }

    private JobScheduler scheduler() throws Exception {
        return broker.getJobSchedulerStore().getJobScheduler("JMS");
    }
}
