package dev.caravan.queue;

import dev.caravan.function.CallId;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.activemq.command.ActiveMQMessage;
import org.jspecify.annotations.Nullable;

/**
 * Takes letters off dead-letter queues: single ones by call id and generation, many by going through a queue.
 *
 * <p>JMS finds a message by a selector, but a broker looks only as deep as the page of the queue it holds in memory
 * (64 messages here, 200 on other brokers, fewer when they are large). A letter that lies deeper is found by turning
 * the queue round: some letters after the others are taken from the head and sent to the tail as they are (but for JMS
 * message id and timestamp), each time in a transaction, until the letter comes by or the first that was moved comes
 * again. A crash in between leaves every letter on the queue, in a turned order; memory holds one page. It takes as long
 * as sending that many messages.
 *
 * <p>Whoever asks for a queue at the same time waits. Only in this process: two nodes that turn the same queue of a
 * shared broker may miss a letter the other one holds, and then answer false though it is there; nothing is lost and
 * asking again helps. The queues must be first in, first out, which they are unless an operator of another broker has
 * set {@code prioritizedMessages} on {@code DLQ.>}.
 */
public final class DeadLetterQueues {

    /** Marks the letters this turn has moved; the next turn overwrites it. */
    private static final String TURN = "CaravanTurn";

    private final BrokerClient client;
    private final ConcurrentMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    public DeadLetterQueues(BrokerClient client) {
        this.client = client;
    }

    /**
     * Takes a letter off its queue and sends a message, both or neither. Blocks for the broker.
     *
     * @return false when the letter is not there; then nothing is sent
     * @throws BrokerException when the broker cannot be asked; then nothing has changed, unless the connection broke
     *     while the transaction was committed
     */
    public boolean replace(String deadLetterQueue, CallId id, int generation, Replacement replacement) {
        return take(deadLetterQueue, id, generation, replacement);
    }

    /**
     * Puts letters on their queues, all or none. Blocks for the broker.
     *
     * @throws BrokerException when the broker cannot be asked
     */
    public void put(List<Replacement> letters) {
        try (Connection connection = client.senders().createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
            for (Replacement letter : letters) {
                letter.send(session, null);
            }
            session.commit();
        } catch (JMSException e) {
            throw new BrokerException("cannot send dead letters: " + e.getMessage(), e);
        }
    }

    /**
     * Goes on with a round through a queue: looks at up to 100 letters from its head, takes what the picker wants, moves
     * the rest to the tail. Whoever asks for single letters has their turn between two such steps, and may then move
     * letters past the end of the round: one that is missing at its end is worth another round. A crash leaves every
     * letter on the queue or taken.
     *
     * @param round a text of its own for each round
     * @return true when the round is over
     * @throws BrokerException when the broker cannot be asked; then nothing has changed, unless the connection broke
     *     while the transaction was committed
     */
    public boolean pass(String deadLetterQueue, String round, LetterPicker picker) {
        return locked(deadLetterQueue, session -> new DeadLetterPass(session, deadLetterQueue, round).step(picker));
    }

    /**
     * Takes a letter off its queue. Blocks for the broker.
     *
     * @return false when it is not there
     * @throws BrokerException when the broker cannot be asked
     */
    public boolean remove(String deadLetterQueue, CallId id, int generation) {
        return take(deadLetterQueue, id, generation, null);
    }

    /** Something that is done while nobody else in this process is at the queue. */
    private interface Step {
        boolean in(Session session) throws JMSException;
    }

    private boolean locked(String queue, Step step) {
        ReentrantLock lock = locks.computeIfAbsent(queue, name -> new ReentrantLock());
        lock.lock();
        try (Connection connection = client.senders().createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
            connection.start();
            return step.in(session);
        } catch (JMSException e) {
            throw new BrokerException("cannot take a letter off " + queue + ": " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    private boolean take(String queue, CallId id, int generation, @Nullable Replacement replacement) {
        String letter =
                "JMSCorrelationID = '" + id.text() + "' AND " + MessageProperties.GENERATION + " = " + generation;
        return locked(
                queue,
                session -> takeVisible(session, queue, letter, replacement)
                        || turn(session, queue, id, generation, replacement));
    }

    private boolean takeVisible(Session session, String queue, String letter, @Nullable Replacement replacement)
            throws JMSException {
        try (var consumer = new PullConsumer(session, queue, letter)) {
            Message found = consumer.next();
            if (found == null) {
                return false;
            }
            takeCopies(consumer);
            sendInstead(session, replacement, found);
            session.commit();
            return true;
        }
    }

    /** A crash between a letter's send and the ledger's commit leaves it twice: all go together. */
    private static void takeCopies(PullConsumer consumer) throws JMSException {
        Message copy;
        do {
            copy = consumer.next();
        } while (copy != null);
    }

    private boolean turn(Session session, String queue, CallId id, int generation, @Nullable Replacement replacement)
            throws JMSException {
        String turn = UUID.randomUUID().toString();
        boolean found = false;
        boolean round = false;
        try (var consumer = new PullConsumer(session, queue, null);
                MessageProducer tail = session.createProducer(session.createQueue(queue))) {
            while (!found && !round) {
                while (!found && !round && !consumer.holdsEnough()) {
                    Message letter = consumer.next();
                    if (letter == null) {
                        round = true;
                    } else if (isLetter(letter, id, generation)) {
                        sendInstead(session, replacement, letter);
                        found = true;
                    } else {
                        round = turn.equals(letter.getStringProperty(TURN));
                        move(letter, tail, turn);
                    }
                }
                session.commit();
                consumer.released();
            }
        }
        return found;
    }

    private static boolean isLetter(Message letter, CallId id, int generation) throws JMSException {
        // Foreign letters may hold anything under our names; compared as text, nothing has to convert.
        return id.text().equals(letter.getJMSCorrelationID())
                && String.valueOf(generation).equals(letter.getStringProperty(MessageProperties.GENERATION));
    }

    private static void move(Message letter, MessageProducer tail, String turn) throws JMSException {
        ((ActiveMQMessage) letter).setReadOnlyProperties(false);
        letter.setStringProperty(TURN, turn);
        tail.send(letter, DeliveryMode.PERSISTENT, letter.getJMSPriority(), Message.DEFAULT_TIME_TO_LIVE);
    }

    private static void sendInstead(Session session, @Nullable Replacement replacement, Message letter)
            throws JMSException {
        if (replacement != null) {
            replacement.send(session, letter);
        }
    }
}
