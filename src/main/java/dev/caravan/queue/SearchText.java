package dev.caravan.queue;

import dev.caravan.function.Call;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a search for dead letters looks through. */
public final class SearchText {

    /** Of a body; the rest is not found. In bytes. */
    public static final int MAX_BODY = 64 << 10;

    /** Headers that are somebody's key: never shown, and never found, or they could be guessed letter by letter. */
    private static final Set<String> SECRET = secretHeaders();

    private SearchText() {}

    /** In lower case: the error, the path and query, the headers, and the body when it is text. */
    public static String of(Call call, @Nullable String error, byte[] body) {
        var text = new StringBuilder();
        if (error != null) {
            text.append(error).append('\n');
        }
        text.append(call.path());
        if (call.query() != null) {
            text.append('?').append(call.query());
        }
        text.append('\n');
        for (Map.Entry<String, List<String>> header : call.headers().entrySet()) {
            if (!isSecret(header.getKey())) {
                header.getValue()
                        .forEach(value -> text.append(header.getKey())
                                .append(": ")
                                .append(value)
                                .append('\n'));
            }
        }
        if (body.length <= MAX_BODY) {
            text(body).ifPresent(text::append);
        }
        // A database need not take what no text has (PostgreSQL does not).
        return text.toString().replace("\0", "").toLowerCase(Locale.ROOT);
    }

    /** Whether a header's value is nobody's business. */
    public static boolean isSecret(String header) {
        return SECRET.contains(header);
    }

    /** Bytes that are UTF-8 as text; empty for others. */
    public static Optional<String> text(byte[] body) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static Set<String> secretHeaders() {
        var names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(List.of("Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization", "X-Api-Key"));
        return names;
    }
}
