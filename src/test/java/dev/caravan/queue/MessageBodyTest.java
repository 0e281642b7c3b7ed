package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.apache.activemq.command.ActiveMQBytesMessage;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.command.ActiveMQTextMessage;
import org.apache.activemq.util.ByteSequence;
import org.junit.jupiter.api.Test;

class MessageBodyTest {

    private static final int MOST = 100;

    @Test
    void bytesAndTextsAreBodies() throws Exception {
        var bytes = new ActiveMQBytesMessage();
        bytes.writeBytes(new byte[] {1, 2, 3});
        bytes.reset();
        var text = new ActiveMQTextMessage();
        text.setText("good");

        assertThat(MessageBody.of(bytes, MOST)).containsExactly(1, 2, 3);
        assertThat(MessageBody.of(text, MOST)).asString(StandardCharsets.UTF_8).isEqualTo("good");
    }

    @Test
    void aPackedBodyThatSaysItIsTwoGigabytesIsNotUnpacked() {
        var message = new ActiveMQBytesMessage();
        message.setCompressed(true);
        message.setContent(new ByteSequence(new byte[] {0x7f, -1, -1, -1, 0x78, 1, 2, 3}));

        assertThatThrownBy(() -> MessageBody.of(message, MOST))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("a body may have 100 bytes, not 2147483647");
    }

    @Test
    void aPackedBodyWithoutALengthIsRefused() {
        var message = new ActiveMQBytesMessage();
        message.setCompressed(true);
        message.setContent(new ByteSequence(new byte[] {1, 2}));

        assertThatThrownBy(() -> MessageBody.of(message, MOST)).hasMessage("its body ends too early");
    }

    @Test
    void aTextThatIsPackedAsGarbageIsRefused() {
        var message = new ActiveMQTextMessage();
        message.setCompressed(true);
        message.setContent(new ByteSequence(new byte[] {9, 9, 9, 9, 9}));

        assertThatThrownBy(() -> MessageBody.of(message, MOST)).hasMessage("its body cannot be unpacked");
    }

    @Test
    void whatIsTooLongIsRefusedWithoutItsBytes() throws Exception {
        var text = new ActiveMQTextMessage();
        text.setText("x".repeat(MOST + 1));

        assertThatThrownBy(() -> MessageBody.of(text, MOST)).hasMessage("a body may have 100 bytes, not 101");
    }

    @Test
    void otherKindsAreNoBodies() {
        assertThatThrownBy(() -> MessageBody.of(new ActiveMQMessage(), MOST))
                .hasMessage("a call is a bytes or text message, not a Message");
    }
}
