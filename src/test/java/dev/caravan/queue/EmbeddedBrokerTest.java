package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.store.kahadb.disk.journal.Journal;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {

    @TempDir
    Path folder;

    @Test
    void whatWasSentAndWhatWasDelayedSurvivesARestart() throws Exception {
        try (var first = new BrokerFixture(folder)) {
            first.send("q", "waiting");
            first.send("q", "delayed", 4, Map.of(MessageProperties.SCHEDULED_DELAY, 1_500L));
        }

        try (var second = new BrokerFixture(folder)) {
            assertThat(BrokerFixture.drain(second.client(), "q", 4_000)).containsExactly("waiting", "delayed");
        }
    }

    @Test
    void retriesThatFallDueWhileItClosesAreNotLost() throws Exception {
        List<String> sent = IntStream.range(0, 500).mapToObj(String::valueOf).toList();
        try (var first = new BrokerFixture(folder)) {
            long due = System.currentTimeMillis() + 2_000;
            for (String body : sent) {
                long delay = Math.max(1, due - System.currentTimeMillis());
                first.send("q", body, 4, Map.of(MessageProperties.SCHEDULED_DELAY, delay));
            }
            // Close in the middle of the burst: when some of it is on the queue already and some is not.
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(2))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> enqueued(first, "q") > 20);
        }

        try (var second = new BrokerFixture(folder)) {
            // A message fired just before the end may come twice (invariant 7 drops it), but each comes.
            assertThat(BrokerFixture.drain(second.client(), "q", 3_000)).containsAll(sent);
        }
    }

    @Test
    void aLastWriteTornByAKillIsCutOffAndNothingBeforeItIsLost() throws Exception {
        tear(journalOf("one", "two"));

        try (var second = new BrokerFixture(folder)) {
            second.send("q", "three");
        }

        try (var third = new BrokerFixture(folder)) {
            assertThat(BrokerFixture.drain(third.client(), "q", 4_000)).containsExactly("one", "two", "three");
        }
    }

    /** As after a power cut: what was made of the next file is as long as it should be, but nothing was synced. */
    @Test
    void aNextFileThatWasNotBegunHidesNoTornWrite() throws Exception {
        Path journal = journalOf("one", "two");
        tear(journal);
        Files.write(journal.resolveSibling("db-2.log"), new byte[1 << 20]);

        try (var second = new BrokerFixture(folder)) {
            second.send("q", "three");
        }

        try (var third = new BrokerFixture(folder)) {
            assertThat(BrokerFixture.drain(third.client(), "q", 4_000)).containsExactly("one", "two", "three");
        }
    }

    @Test
    void theJournalGoesOnInItsNextFiles() throws Exception {
        List<String> bodies =
                IntStream.range(0, 150).mapToObj(i -> i + "x".repeat(50_000)).toList();
        try (var first = withFilesOfOneMegabyte();
                var client = new BrokerClient(first.url(), BrokerFixture.ACCOUNT)) {
            BrokerFixture.send(client, "q", bodies, 4, Map.of());
        }
        assertThat(folder.resolve("journal").resolve("db-6.log")).isNotEmptyFile();

        try (var second = withFilesOfOneMegabyte();
                var client = new BrokerClient(second.url(), BrokerFixture.ACCOUNT)) {
            assertThat(BrokerFixture.drain(client, "q", 4_000)).containsExactlyElementsOf(bodies);
        }
    }

    private EmbeddedBroker withFilesOfOneMegabyte() {
        var broker = new EmbeddedBroker(folder, 16L << 20, List.of(), BrokerFixture.ACCOUNT, InstantSource.system());
        broker.start();
        return broker;
    }

    @Test
    void aMessageThatIsDamagedOnDiskIsNotStartedOver() throws Exception {
        Path journal = journalOf("one", "two", "three");
        byte[] bytes = Files.readAllBytes(journal);
        try (var file = new RandomAccessFile(journal.toFile(), "rw")) {
            file.seek(new String(bytes, StandardCharsets.ISO_8859_1).indexOf("two"));
            file.write('x');
        }

        assertThatThrownBy(() -> new BrokerFixture(folder))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("cannot start the embedded broker")
                .hasMessageContaining("corrupt journal files");
    }

    /** The journal's file after these were sent and the broker ended. */
    private Path journalOf(String... bodies) throws Exception {
        try (var first = new BrokerFixture(folder)) {
            for (String body : bodies) {
                first.send("q", body);
            }
        }
        return folder.resolve("journal").resolve("db-1.log");
    }

    /** Begins a batch of a million bytes of which a kill left the first pages. */
    private void tear(Path journal) throws IOException {
        try (var file = new RandomAccessFile(journal.toFile(), "rw")) {
            file.seek(endOfJournal());
            file.write(Journal.BATCH_CONTROL_RECORD_HEADER);
            file.writeInt(1_000_000);
            file.writeLong(4711);
            file.write("x".repeat(5_000).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Where its next batch would stand. */
    private long endOfJournal() throws IOException {
        var reader = new Journal();
        reader.setDirectory(folder.resolve("journal").toFile());
        reader.setPreallocationScope(JournalTail.PREALLOCATION);
        reader.start();
        try {
            return reader.getLastAppendLocation().getOffset();
        } finally {
            reader.close();
        }
    }

    private static int enqueued(BrokerFixture fixture, String queue) throws Exception {
        try (var connection = fixture.client().consumers().createConnection();
                var session = connection.createSession(false, jakarta.jms.Session.AUTO_ACKNOWLEDGE);
                var browser = session.createBrowser(session.createQueue(queue))) {
            connection.start();
            int count = 0;
            for (var all = browser.getEnumeration(); all.hasMoreElements() && count <= 20; all.nextElement()) {
                count++;
            }
            return count;
        }
    }

    @Test
    void whoeverComesByTheNetworkSignsIn() throws Exception {
        try (var fixture = new BrokerFixture(folder, "tcp://127.0.0.1:0")) {
            String address = fixture.broker().addresses().get(0);
            assertThat(address).doesNotEndWith(":0");

            try (var stranger = new BrokerClient(address, null)) {
                assertThatThrownBy(stranger::probe)
                        .isInstanceOf(BrokerException.class)
                        .hasMessageContaining("invalid");
            }
            try (var guest = new BrokerClient(address, BrokerFixture.ACCOUNT)) {
                BrokerFixture.send(guest, "q", List.of("from outside"), 4, Map.of());
            }
            assertThat(fixture.drain("q")).containsExactly("from outside");
        }
    }

    @Test
    @Timeout(20)
    void aFolderThatAnotherBrokerUsesIsRefusedAtOnce() {
        try (var first = new BrokerFixture(folder);
                var second = new EmbeddedBroker(
                        folder, BrokerFixture.STORE_LIMIT, List.of(), BrokerFixture.ACCOUNT, InstantSource.system())) {
            assertThatThrownBy(second::start)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("another broker is using it")
                    .message()
                    .doesNotContain("\n");
            first.client().probe(); // and the one that was there first lives on
        }
    }

    @Test
    void aFolderThatIsAFileIsOneReadableLine() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        try (var broker = new EmbeddedBroker(
                file.resolve("b"),
                BrokerFixture.STORE_LIMIT,
                List.of(),
                BrokerFixture.ACCOUNT,
                InstantSource.system())) {
            assertThatThrownBy(broker::start)
                    .hasMessage("cannot start the embedded broker: cannot create its folder " + file.resolve("b"));
        }
    }

    @Test
    @Timeout(20)
    void anAddressThatIsTakenIsOneReadableLineAndLeavesTheFolderFree() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "tcp://127.0.0.1:" + taken.getLocalPort();
            try (var broker = new EmbeddedBroker(
                    folder,
                    BrokerFixture.STORE_LIMIT,
                    List.of(address),
                    BrokerFixture.ACCOUNT,
                    InstantSource.system())) {
                assertThatThrownBy(broker::start)
                        .isInstanceOf(BrokerException.class)
                        .hasMessageContaining(address)
                        .hasMessageContaining("Address already in use")
                        .message()
                        .doesNotContain("\n");
            }
        }
        try (var again = new BrokerFixture(folder)) {
            again.send("q", "a");
            assertThat(again.drain("q")).containsExactly("a");
        }
    }

    @Test
    void largeMessagesThatStandInSomeQueuesHoldUpNoOther() throws Exception {
        List<String> large = Collections.nCopies(600, "x".repeat(60_000));
        try (var fixture = new BrokerFixture(folder)) {
            BrokerClient client = fixture.client();
            for (String queue : List.of("slow.a", "slow.b", "DLQ.a", "DLQ.b")) {
                BrokerFixture.send(client, queue, large, 4, Map.of());
            }
            try (Connection connection = client.consumers().createConnection();
                    Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
                    MessageConsumer a = session.createConsumer(session.createQueue("slow.a?consumer.prefetchSize=1"));
                    MessageConsumer b = session.createConsumer(session.createQueue("slow.b?consumer.prefetchSize=1"))) {
                connection.start();
                assertThat(a.receive(20_000)).isNotNull();
                assertThat(b.receive(20_000)).isNotNull();
                for (String queue : List.of("DLQ.a", "DLQ.b")) {
                    browse(session, queue);
                    try (var none = new PullConsumer(session, queue, "JMSCorrelationID = 'none'")) {
                        assertThat(none.next()).isNull();
                    }
                }

                fixture.send("quick", "hello");

                assertThat(fixture.drain("quick")).containsExactly("hello");
            }
        }
    }

    /** As a process with the launcher's heap keeps them: more than the broker's memory could hold of each a little. */
    @Test
    void largeMessagesThatStandInVeryManyQueuesHoldUpNoOther() throws Exception {
        List<String> large = Collections.nCopies(80, "x".repeat(60_000));
        int many = 16;
        try (var fixture = new BrokerFixture(folder, 256L << 20);
                Connection connection = fixture.client().consumers().createConnection();
                Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE)) {
            connection.start();
            for (int i = 0; i < many; i++) {
                sendAll(fixture.client(), "paused." + i, large);
                sendAll(fixture.client(), "slow." + i, large);
                sendAll(fixture.client(), "DLQ.searched." + i, large);
                assertThat(session.createConsumer(session.createQueue("slow." + i + "?consumer.prefetchSize=1"))
                                .receive(20_000))
                        .isNotNull();
                try (var none = new PullConsumer(session, "DLQ.searched." + i, "JMSCorrelationID = 'none'")) {
                    assertThat(none.next()).isNull();
                }
            }

            fixture.send("quick", "hello");
            assertThat(taken(fixture.client(), "quick", 1)).isEqualTo(1);

            // Nor is one that has much itself, or of which all is looked through.
            sendAll(fixture.client(), "busy", large);
            assertThat(taken(fixture.client(), "busy", large.size())).isEqualTo(large.size());
            assertThat(turnedRound(fixture.client(), "DLQ.searched.0")).isEqualTo(large.size());
        }
    }

    /** How many of so many messages come, one after the other. */
    private static int taken(BrokerClient client, String queue, int wanted) throws JMSException {
        try (Connection connection = client.consumers().createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            connection.start();
            int taken = 0;
            while (taken < wanted && consumer.receive(20_000) != null) {
                taken++;
            }
            return taken;
        }
    }

    private static void sendAll(BrokerClient client, String queue, List<String> bodies) throws JMSException {
        try (Connection connection = client.senders().createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
                MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            for (String body : bodies) {
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(body.getBytes(StandardCharsets.US_ASCII));
                producer.send(message);
            }
            session.commit();
        }
    }

    /** As whoever looks for a letter takes them: a few at a time, until there is none. */
    private static int turnedRound(BrokerClient client, String queue) throws JMSException {
        int seen = 0;
        try (Connection connection = client.consumers().createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
                var consumer = new PullConsumer(session, queue, null)) {
            connection.start();
            while (consumer.next() != null) {
                seen++;
                if (consumer.holdsEnough()) {
                    session.commit();
                    consumer.released();
                }
            }
            session.rollback();
        }
        return seen;
    }

    @Test
    void largeMessagesAreReadOneAfterTheOtherAndNotAPageAtOnce() throws Exception {
        long heap = 256L << 20;
        List<String> large = Collections.nCopies(12, "x".repeat(5 << 20));
        try (var first = new BrokerFixture(folder, heap)) {
            for (String body : large) {
                first.send("q", body);
            }
        }

        try (var second = new BrokerFixture(folder, heap);
                Connection connection = second.client().consumers().createConnection();
                Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
                MessageConsumer slow = session.createConsumer(session.createQueue("q?consumer.prefetchSize=1"))) {
            connection.start();
            assertThat(slow.receive(20_000)).isNotNull();

            assertThat(second.broker().messageMemory()).isLessThan(12L << 20);
        }
    }

    @Test
    void aMessageThatIsTooLargeForTheHeapIsRefusedAndHarmsNobody() throws Exception {
        try (var fixture = new BrokerFixture(folder, 64L << 20, "tcp://127.0.0.1:0")) {
            String address = fixture.broker().addresses().get(0);
            assertThat(address).matches("tcp://[^/:?]+:[0-9]+");
            var factory = new ActiveMQConnectionFactory(address);
            try (Connection connection =
                            factory.createConnection(BrokerFixture.ACCOUNT.user(), BrokerFixture.ACCOUNT.password());
                    Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                    MessageProducer producer = session.createProducer(session.createQueue("q"))) {
                connection.start();
                BytesMessage fits = session.createBytesMessage();
                fits.writeBytes(new byte[7 << 20]);
                producer.send(fits);
                BytesMessage tooLarge = session.createBytesMessage();
                tooLarge.writeBytes(new byte[9 << 20]);

                assertThatThrownBy(() -> producer.send(tooLarge)).isInstanceOf(JMSException.class);
            }

            assertThat(fixture.drain("q")).hasSize(1);
        }
    }

    private static void browse(Session session, String queue) throws JMSException {
        try (QueueBrowser browser = session.createBrowser(session.createQueue(queue))) {
            assertThat(Collections.list(browser.getEnumeration())).isNotEmpty();
        }
    }

    @Test
    void storedBytesGrowWithWhatIsStored() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            long before = fixture.broker().storedBytes();
            var bodies = new ArrayList<String>();
            IntStream.range(0, 100).forEach(i -> bodies.add("x".repeat(50_000)));
            BrokerFixture.send(fixture.client(), "q", bodies, 4, Map.of());

            assertThat(fixture.broker().storedBytes()).isGreaterThan(before + 4_000_000);
        }
    }

    @Test
    void nothingElseIsLeftInTheFolder() {
        try (var fixture = new BrokerFixture(folder)) {
            fixture.client().probe();
        }
        try (var fixture = new BrokerFixture(folder)) {
            fixture.client().probe();
        }

        assertThat(folder.toFile().list()).isSubsetOf("journal", "scheduler", "temporary");
    }
}
