package dev.caravan.provider.engine;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cuts what a container writes, which comes in pieces, into lines. */
public final class LineReader extends ResultCallback.Adapter<Frame> {

    private static final int LONGEST = 16 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(LineReader.class);

    private final Consumer<String> lines;
    private final Runnable ended;
    private final StringBuilder partial = new StringBuilder();

    /**
     * @param lines each with the time at which it was written before it, as the engine puts it (RFC 3339), and a space
     * @param ended told once when nothing more comes
     */
    public LineReader(Consumer<String> lines, Runnable ended) {
        this.lines = lines;
        this.ended = ended;
    }

    @Override
    public void onNext(@Nullable Frame frame) {
        if (frame == null || frame.getPayload() == null) {
            return;
        }
        for (char letter : new String(frame.getPayload(), StandardCharsets.UTF_8).toCharArray()) {
            if (letter == '\n') {
                flush();
            } else if (letter != '\r' && partial.length() < LONGEST) {
                partial.append(letter);
            }
        }
    }

    private void flush() {
        lines.accept(partial.toString());
        partial.setLength(0);
    }

    @Override
    public void onError(Throwable error) {
        LOG.debug("a container's output cannot be read on", error);
        super.onError(error);
        over();
    }

    @Override
    public void onComplete() {
        super.onComplete();
        over();
    }

    private void over() {
        if (partial.length() > 0) {
            flush();
        }
        ended.run();
    }
}
