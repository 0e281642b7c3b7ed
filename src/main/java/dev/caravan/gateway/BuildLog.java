package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is said while a function is built. The last lines are kept; who follows pulls them one by one, and when he is too
 * slow gets those only that there is room for. A step of an image's build says which of how many it is.
 */
final class BuildLog {

    private static final int LAST = 50;
    private static final int ROOM = 10_000;
    private static final int HEARTBEAT_SECONDS = 10;
    private static final Pattern STEP = Pattern.compile("Step ([0-9]{1,4})/([0-9]{1,4}) : .*");

    private final Deque<String> last = new ArrayDeque<>();
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private boolean said;

    /** For any thread. */
    synchronized void add(String line) {
        last.addLast(line);
        if (last.size() > LAST) {
            last.removeFirst();
        }
        if (lines.size() < ROOM) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("message", line);
            Matcher step = STEP.matcher(line);
            if (step.matches()) {
                json.put("step", Integer.parseInt(step.group(1))).put("steps", Integer.parseInt(step.group(2)));
            }
            lines.add(json + "\n");
        }
    }

    /** How it ended, which nobody misses. */
    void end(ObjectNode how) {
        lines.add(how + "\n");
        lines.add("");
    }

    synchronized List<String> last() {
        return List.copyOf(last);
    }

    /** The next line, or an empty one when there is none for a while; empty after the end. By one thread at a time. */
    Optional<String> next() throws InterruptedException {
        if (said) {
            return Optional.empty();
        }
        String line = lines.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            return Optional.of("\n");
        }
        said = line.isEmpty();
        return said ? Optional.empty() : Optional.of(line);
    }
}
