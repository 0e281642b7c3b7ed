package dev.caravan.letters;

import dev.caravan.function.FunctionName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is different about a replay.
 *
 * @param body null for the call's own
 * @param headers names in any case → values that take the place of the call's; no value removes the header
 * @param function null for the call's own
 * @param queue the logical queue of that function; null for the call's own
 */
@SuppressWarnings("ArrayRecordComponent") // a body is bytes; nobody compares edits
public record Edits(
        byte @Nullable [] body,
        Map<String, List<String>> headers,
        @Nullable FunctionName function,
        @Nullable String queue) {

    /** As it was. */
    public static final Edits NONE = new Edits(null, Map.of(), null, null);

    public boolean any() {
        return body != null || !headers.isEmpty() || function != null;
    }

    Map<String, List<String>> applied(Map<String, List<String>> before) {
        var after = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        after.putAll(before);
        headers.forEach((name, values) -> {
            after.remove(name); // its spelling goes too
            if (!values.isEmpty()) {
                after.put(name, values);
            }
        });
        return after;
    }
}
