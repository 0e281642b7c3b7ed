package dev.caravan.queue;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.InflaterInputStream;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.util.ByteSequence;

/**
 * The body of a message that any client may have made. ActiveMQ makes room for as much as a message says it holds,
 * before it looks: one that lies, or is packed, would end the process for want of memory, and the next one too.
 */
final class MessageBody {

    private static final byte[] NOTHING = {};

    private MessageBody() {}

    /** @throws MalformedMessageException when it is no bytes or text message, or says it holds more than {@code most} */
    static byte[] of(Message message, long most) throws JMSException, MalformedMessageException {
        if (!(message instanceof BytesMessage || message instanceof TextMessage)) {
            throw new MalformedMessageException("a call is a bytes or text message, not a "
                    + message.getClass().getSimpleName().replace("ActiveMQ", ""));
        }
        long length = said(message);
        if (length < 0 || length > most) {
            throw tooLong(most, length);
        }
        if (message instanceof BytesMessage bytes) {
            bytes.reset();
            var body = new byte[(int) bytes.getBodyLength()];
            bytes.readBytes(body);
            return body;
        }
        String text = ((TextMessage) message).getText();
        byte[] body = text == null ? NOTHING : text.getBytes(StandardCharsets.UTF_8);
        if (body.length > most) {
            throw tooLong(most, body.length);
        }
        return body;
    }

    private static MalformedMessageException tooLong(long most, long length) {
        return new MalformedMessageException("a body may have " + most + " bytes, not " + length);
    }

    /** How many bytes it has on the wire, packed or not. */
    static int wireLength(Message message) {
        ByteSequence content = message instanceof ActiveMQMessage raw ? raw.getContent() : null;
        return content == null ? 0 : content.getLength();
    }

    /** As it came over the wire. */
    static byte[] raw(Message message) {
        ByteSequence content = message instanceof ActiveMQMessage raw ? raw.getContent() : null;
        return content == null ? NOTHING : content.toArray();
    }

    /** How many bytes it says it has; those of a text stand behind their number, packed or not. */
    private static long said(Message message) throws JMSException, MalformedMessageException {
        ByteSequence content = message instanceof ActiveMQMessage raw ? raw.getContent() : null;
        boolean packed = message instanceof ActiveMQMessage raw && raw.isCompressed();
        if (content == null || content.getLength() == 0) {
            return 0;
        }
        if (message instanceof BytesMessage && !packed) {
            return content.getLength();
        }
        boolean numberPacked = packed && message instanceof TextMessage;
        try (InputStream wire = new ByteArrayInputStream(content.getData(), content.getOffset(), content.getLength());
                InputStream in = numberPacked ? new InflaterInputStream(wire) : wire) {
            byte[] number = in.readNBytes(Integer.BYTES);
            if (number.length < Integer.BYTES) {
                throw new MalformedMessageException("its body ends too early");
            }
            return ByteBuffer.wrap(number).getInt();
        } catch (IOException e) {
            throw new MalformedMessageException("its body cannot be unpacked");
        }
    }
}
