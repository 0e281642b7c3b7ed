package dev.caravan.queue;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.io.UncheckedIOException;
import java.util.Enumeration;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.activemq.advisory.AdvisorySupport;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.command.DestinationInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the dead letters that stand on their queues, for a ledger that does not know them.
 *
 * <p>A broker shows the beginning of a queue (400 messages, fewer when they are large) and no more. So the beginning is
 * looked at; only when something there is missing from the ledger, the whole queue is turned round as
 * {@link DeadLetterQueues} does it, page by page, so that memory holds one page. Not found are therefore letters that are
 * missing while the oldest ones are not, as after a backup was put back. While a queue is turned, somebody who takes a
 * letter from it may be told that it is not there; asking again helps.
 */
public final class DeadLetterReader {

    private static final Logger log = LoggerFactory.getLogger(DeadLetterReader.class);

    /** Marks the letters this turn has moved. */
    private static final String TURN = "CaravanRead";

    /** How long a broker may think before it says which queues it has, in milliseconds. */
    private static final long QUIET = 2_000;

    private final BrokerClient client;
    private final CallMessages messages;

    public DeadLetterReader(BrokerClient client, CallMessages messages) {
        this.client = client;
        this.messages = messages;
    }

    /**
     * Shows the letters of all dead-letter queues. Blocks for the broker, for as long as it takes to send all letters of
     * those queues that have to be turned.
     *
     * @param missed enters a letter where it is missing; gives whether it was
     * @throws BrokerException when the broker cannot be asked
     */
    public void read(Predicate<BuriedCall> missed) {
        // Of its own, since whoever uses it next must not find a consumer of advisories on it.
        try (Connection connection = client.consumers().createConnection()) {
            connection.start();
            for (String queue : queues(connection)) {
                if (browse(connection, queue, missed)) {
                    turn(connection, queue, missed);
                }
            }
        } catch (JMSException e) {
            throw new BrokerException("cannot look for dead letters: " + e.getMessage(), e);
        }
    }

    /** A broker tells a new listener of advisories about every queue it has. */
    private static Set<String> queues(Connection connection) throws JMSException {
        Set<String> names = new TreeSet<>();
        try (Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageConsumer advisories = session.createConsumer(
                        session.createTopic(AdvisorySupport.QUEUE_ADVISORY_TOPIC.getTopicName()))) {
            for (Message advisory = advisories.receive(QUIET); advisory != null; advisory = advisories.receive(QUIET)) {
                if (((ActiveMQMessage) advisory).getDataStructure() instanceof DestinationInfo info
                        && info.isAddOperation()
                        && info.getDestination() instanceof Queue queue
                        && QueueNames.isDeadLetters(queue.getQueueName())) {
                    names.add(queue.getQueueName());
                }
            }
        }
        return names;
    }

    /** Whether there may be more that are missing, which it could not see. */
    private boolean browse(Connection connection, String queue, Predicate<BuriedCall> missed) throws JMSException {
        boolean any = false;
        try (Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                QueueBrowser browser = session.createBrowser(session.createQueue(queue))) {
            Enumeration<?> letters = browser.getEnumeration();
            while (letters.hasMoreElements()) {
                any |= letters.nextElement() instanceof Message letter && show(letter, queue, missed);
            }
        }
        return any;
    }

    private void turn(Connection connection, String queue, Predicate<BuriedCall> missed) throws JMSException {
        String turn = UUID.randomUUID().toString();
        boolean round = false;
        try (Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
                var consumer = new PullConsumer(session, queue, null);
                MessageProducer tail = session.createProducer(session.createQueue(queue))) {
            while (!round) {
                while (!round && !consumer.holdsEnough()) {
                    Message letter = consumer.next();
                    round = letter == null || turn.equals(letter.getStringProperty(TURN));
                    if (letter != null) {
                        show(letter, queue, missed);
                        ((ActiveMQMessage) letter).setReadOnlyProperties(false);
                        letter.setStringProperty(TURN, turn);
                        tail.send(
                                letter, DeliveryMode.PERSISTENT, letter.getJMSPriority(), Message.DEFAULT_TIME_TO_LIVE);
                    }
                }
                session.commit();
                consumer.released();
            }
        }
    }

    private boolean show(Message letter, String queue, Predicate<BuriedCall> missed) {
        BuriedCall buried;
        try {
            buried = messages.readLetter(letter, queue);
        } catch (MalformedMessageException | UncheckedIOException e) {
            log.debug("a message on {} is no dead letter of ours: {}", queue, e.getMessage());
            return false;
        }
        return missed.test(buried);
    }
}
