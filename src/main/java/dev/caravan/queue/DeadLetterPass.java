package dev.caravan.queue;

import dev.caravan.function.CallId;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.activemq.command.ActiveMQMessage;
import org.jspecify.annotations.Nullable;

/**
 * One step through a dead-letter queue, in one transaction: from its head, what is wanted is taken, the rest goes to the
 * tail as it is (but for JMS message id and timestamp).
 */
final class DeadLetterPass {

    /** How many messages a step holds in memory. */
    private static final int PAGE = 100;

    /** Marks the letters that a round has moved. */
    private static final String ROUND = "CaravanRound";

    private final Session session;
    private final String queue;
    private final String round;

    private final List<Message> seen = new ArrayList<>();
    private final List<Letter> wanted = new ArrayList<>();
    private boolean over;

    DeadLetterPass(Session session, String queue, String round) {
        this.session = session;
        this.queue = queue;
        this.round = round;
    }

    /** True when the round is over: the queue is empty, or what comes now was moved before. */
    boolean step(LetterPicker picker) throws JMSException {
        try (var consumer = new PullConsumer(session, queue, null);
                MessageProducer tail = session.createProducer(session.createQueue(queue))) {
            look(consumer, picker);
            Map<Letter, Optional<Replacement>> taken = wanted.isEmpty() ? Map.of() : picker.take(wanted);
            Set<Letter> sent = new HashSet<>();
            for (Message message : seen) {
                Letter letter = letter(message);
                Optional<Replacement> instead = letter == null ? null : taken.get(letter);
                if (letter == null || instead == null) {
                    move(message, tail);
                } else if (sent.add(letter) && instead.isPresent()) { // what is there twice goes as one
                    instead.get().send(session, message);
                }
            }
            session.commit();
            if (!sent.isEmpty()) {
                picker.taken(List.copyOf(sent));
            }
            return over;
        }
    }

    private void look(PullConsumer consumer, LetterPicker picker) throws JMSException {
        int most = picker.most();
        while (!over && seen.size() < PAGE && !consumer.holdsEnough() && wanted.size() < most) {
            Message message = consumer.next();
            if (message == null) {
                over = true;
                return;
            }
            seen.add(message);
            if (round.equals(message.getStringProperty(ROUND))) {
                over = true;
                return;
            }
            Letter letter = letter(message);
            if (letter != null && picker.wants(letter)) {
                wanted.add(letter);
            }
        }
    }

    /** Null for what is none of ours: others may send here what they like. */
    private static @Nullable Letter letter(Message message) throws JMSException {
        String generation = message.getStringProperty(MessageProperties.GENERATION);
        if (generation == null || !generation.matches("[1-9][0-9]{0,8}")) {
            return null;
        }
        return CallId.parse(message.getJMSCorrelationID())
                .map(id -> new Letter(id, Integer.parseInt(generation)))
                .orElse(null);
    }

    private void move(Message message, MessageProducer tail) throws JMSException {
        ((ActiveMQMessage) message).setReadOnlyProperties(false);
        message.setStringProperty(ROUND, round);
        tail.send(message, DeliveryMode.PERSISTENT, message.getJMSPriority(), Message.DEFAULT_TIME_TO_LIVE);
    }
}
