package dev.caravan.queue;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends of many threads that share a transaction: while one of them waits for the disk the next group gathers, so groups
 * grow with the load and a lone message waits for nobody. Each sender returns when its message is on disk, as without a
 * group.
 *
 * <p>Nobody's thread is spent on this: whoever finds a transaction free leads, those that come meanwhile wait to be
 * taken along or to lead the next. A group that fails is rolled back and each of its members sends for itself, so that
 * everybody meets its own failure and no other. When the connection broke during a commit that may be the second send
 * of the same message; whoever takes it knows it by its identity.
 */
final class GroupSends implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupSends.class);

    /** While some groups wait for the disk the next is handed to the broker; tried 1, 2, 4 and 8. */
    private static final int TRANSACTIONS = 4;

    private static final int LARGEST_GROUP = 64;

    /** A way to send one message. */
    interface Alone {
        void send(Destination queue, Message message, int mode, int priority, long timeToLive) throws JMSException;
    }

    /** What a member that waited is told. */
    private enum Turn {
        SENT,
        SEND_ALONE,
        LEAD
    }

    private static final class Member {
        private final Destination queue;
        private final Message message;
        private final int mode;
        private final int priority;
        private final long timeToLive;
        private final CompletableFuture<Turn> turn = new CompletableFuture<>();

        /** What it leads with; written before its turn is told. */
        private @Nullable Transaction transaction;

        Member(Destination queue, Message message, int mode, int priority, long timeToLive) {
            this.queue = queue;
            this.message = message;
            this.mode = mode;
            this.priority = priority;
            this.timeToLive = timeToLive;
        }

        void send(Alone how) throws JMSException {
            how.send(queue, message, mode, priority, timeToLive);
        }
    }

    private final ConnectionFactory broker;
    private final BlockingQueue<Transaction> free = new LinkedBlockingQueue<>();
    private final Queue<Member> waiting = new ConcurrentLinkedQueue<>();

    GroupSends(ConnectionFactory broker) {
        this.broker = broker;
        for (int i = 0; i < TRANSACTIONS; i++) {
            free.add(new Transaction());
        }
    }

    /**
     * Returns when the message is on disk.
     *
     * @param alone what sends it when there is no group, or the group failed
     * @throws JMSException as {@code alone} throws it
     */
    void send(Destination queue, Message message, int mode, int priority, long timeToLive, Alone alone)
            throws JMSException {
        var member = new Member(queue, message, mode, priority, timeToLive);
        Transaction transaction = free.poll();
        if (transaction != null) {
            lead(transaction, member, alone);
            return;
        }
        waiting.add(member);
        // Whoever had the last transaction may have looked for members just before this one came.
        appointLeader();
        switch (member.turn.join()) {
            case SENT -> {}
            case SEND_ALONE -> member.send(alone);
            case LEAD -> lead(Objects.requireNonNull(member.transaction), member, alone);
        }
    }

    /** Sends the leader's message with those that wait, then passes the transaction on. */
    private void lead(Transaction transaction, Member leader, Alone alone) throws JMSException {
        // Those that are ready to run come along: a group costs the disk no more than one. Alone it waits for nobody.
        Thread.yield();
        List<Member> others = others();
        boolean sent = false;
        try {
            sent = !others.isEmpty() && transaction.send(leader, others);
            if (others.isEmpty()) {
                // Keeps the transaction meanwhile, though it does without: so that others gather.
                leader.send(alone);
                sent = true;
            }
        } finally {
            passOn(transaction);
            Turn turn = sent ? Turn.SENT : Turn.SEND_ALONE;
            others.forEach(member -> member.turn.complete(turn));
        }
        if (!sent) {
            leader.send(alone);
        }
    }

    private List<Member> others() {
        List<Member> others = new ArrayList<>();
        for (Member next = waiting.poll(); next != null; next = others.size() < LARGEST_GROUP ? waiting.poll() : null) {
            others.add(next);
        }
        return others;
    }

    private void passOn(Transaction transaction) {
        free.add(transaction);
        appointLeader();
    }

    private void appointLeader() {
        while (!waiting.isEmpty()) {
            Transaction transaction = free.poll();
            if (transaction == null) {
                return;
            }
            Member next = waiting.poll();
            if (next != null) {
                next.transaction = transaction;
                next.turn.complete(Turn.LEAD);
                return;
            }
            free.add(transaction);
        }
    }

    @Override
    public void close() {
        free.forEach(Transaction::close);
    }

    /** A connection with a transacted session, opened when it is first used and again after a failure. */
    private final class Transaction {

        private @Nullable Connection connection;
        private @Nullable Session session;
        private @Nullable MessageProducer producer;

        /** False when none of them was sent; never throws, since others wait for what happens next. */
        boolean send(Member leader, List<Member> others) {
            try {
                Alone open = open()::send;
                leader.send(open);
                for (Member member : others) {
                    member.send(open);
                }
                Objects.requireNonNull(session).commit();
                return true;
            } catch (JMSException | RuntimeException e) {
                LOG.debug("a group of {} messages was not sent", others.size() + 1, e);
                close();
                return false;
            }
        }

        private MessageProducer open() throws JMSException {
            if (producer == null) {
                connection = broker.createConnection();
                connection.start();
                session = connection.createSession(true, Session.SESSION_TRANSACTED);
                producer = session.createProducer(null);
            }
            return producer;
        }

        /** With the connection goes what was not committed. */
        void close() {
            Connection open = connection;
            connection = null;
            session = null;
            producer = null;
            if (open != null) {
                try {
                    open.close();
                } catch (JMSException e) {
                    LOG.debug("closing a connection failed: {}", e.getMessage());
                }
            }
        }
    }
}
