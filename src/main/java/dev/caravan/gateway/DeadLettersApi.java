package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.DeadLetterPage;
import dev.caravan.ledger.Ledger;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.DeadLetterQueues;
import dev.caravan.queue.QueueNames;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * The bean {@code deadLetters} behind {@code /system/dead-letters}: lists, shows, replays and deletes what will not be
 * tried again. Answers JSON; errors as {@code application/problem+json} (RFC 9457).
 */
public final class DeadLettersApi {

    private static final byte[] NOTHING = {};
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;

    /** Headers that are somebody's key; shown as present, never with their value. */
    private static final Set<String> SECRET = secretHeaders();

    private final Ledger ledger;
    private final DeadLetterQueues queues;
    private final CallMessages messages;
    private final BodyFiles bodyFiles;
    private final CallEvents events;
    private final Duration maxAge;
    private final InstantSource clock;

    /** @param maxAge how old a replayed call may get, counted anew */
    public DeadLettersApi(
            Ledger ledger,
            DeadLetterQueues queues,
            CallMessages messages,
            BodyFiles bodyFiles,
            CallEvents events,
            Duration maxAge,
            InstantSource clock) {
        this.ledger = ledger;
        this.queues = queues;
        this.messages = messages;
        this.bodyFiles = bodyFiles;
        this.events = events;
        this.maxAge = maxAge;
        this.clock = clock;
    }

    /** {@code {items, next?, total}}, newest first. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            Message request = exchange.getMessage();
            DeadLetterPage page = page(filter(request), limit(request), request.getHeader("cursor", String.class));
            ObjectNode json = JsonAnswer.object();
            ArrayNode items = json.putArray("items");
            page.items().forEach(letter -> items.add(summary(letter)));
            if (page.next() != null) {
                json.put("next", page.next());
            }
            return new JsonAnswer(200, json.put("total", page.total()));
        });
    }

    private DeadLetterPage page(DeadLetterFilter filter, int limit, @Nullable String cursor) {
        try {
            return ledger.deadLetters(filter, limit, cursor);
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, "cursor must be the \"next\" of a page of this list");
        }
    }

    /** One letter with its headers, body and history. */
    public void show(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            DeadLetter letter = letter(exchange);
            DeadLetterContent content = content(letter);
            Call call = call(letter, content);
            ObjectNode json = summary(letter);
            json.put("path", call.path());
            json.put("query", call.query());
            json.put("callbackUrl", call.callbackUrl());
            ObjectNode headers = json.putObject("headers");
            call.headers().forEach((name, values) -> {
                ArrayNode array = headers.putArray(name);
                values.forEach(value -> array.add(SECRET.contains(name) ? "(hidden)" : value));
            });
            putBody(json, shown(content));
            json.set("history", JsonAnswer.tree(content.history()));
            return new JsonAnswer(200, json);
        });
    }

    /** Sends the call round again as its next generation: 202 with its id, which stays the same. */
    public void replay(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            byte[] changes = exchange.getMessage().getBody(byte[].class);
            if (changes != null && changes.length > 0) {
                throw new HttpFailure(400, "a call is replayed as it was: send no body");
            }
            DeadLetter letter = letter(exchange);
            Call call = replacement(letter);
            String target = QueueNames.physical(call.queue(), call.function());
            DeadLetterContent content = content(letter);
            if (content.bodyReference() != null) {
                bodyFiles.renew(content.bodyReference(), clock.instant());
            }
            Map<String, Object> properties = messages.properties(call, content.bodyReference());
            boolean sent = queues.replace(
                    letter.physicalQueue(),
                    letter.callId(),
                    letter.generation(),
                    target,
                    properties,
                    content.bodyReference() == null ? body(content) : NOTHING);
            if (!sent) {
                throw gone(letter);
            }
            ledger.reopen(letter.id());
            events.replayed(call);
            return new JsonAnswer(
                    202, JsonAnswer.object().put("callId", letter.callId().text()));
        });
    }

    /** Deletes a letter for good; its call stays dead. */
    public void delete(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            DeadLetter letter = letter(exchange);
            queues.remove(letter.physicalQueue(), letter.callId(), letter.generation());
            ledger.remove(letter.id());
            String file = content(letter).bodyReference();
            if (file != null) {
                bodyFiles.delete(file);
            }
            return new JsonAnswer(202, JsonAnswer.object().put("id", letter.id()));
        });
    }

    private Call replacement(DeadLetter letter) {
        Call call = call(letter, content(letter));
        return letter.queue().equals(QueueNames.CALLBACK_QUEUE)
                ? call.again(clock.instant().plus(maxAge))
                : call.replayed(clock.instant().plus(maxAge));
    }

    private Call call(DeadLetter letter, DeadLetterContent content) {
        return messages.restored(letter.callId(), letter.queue(), content.headers());
    }

    private DeadLetter letter(Exchange exchange) {
        String id = exchange.getMessage().getHeader("id", "", String.class);
        return ledger.deadLetter(id).orElseThrow(() -> noLetter(id));
    }

    /** 409 when there was one and its call has been sent round again, else 404. */
    private HttpFailure noLetter(String id) {
        int dot = id.lastIndexOf('.');
        boolean replayed = dot > 0
                && CallId.parse(id.substring(0, dot))
                        .flatMap(ledger::call)
                        .filter(call -> DeadLetter.idOf(call.callId(), call.generation() - 1)
                                .equals(id))
                        .isPresent();
        return replayed
                ? new HttpFailure(409, "the call was replayed already")
                : new HttpFailure(404, "there is no dead letter with that id");
    }

    private static DeadLetterContent content(DeadLetter letter) {
        DeadLetterContent content = letter.content();
        if (content == null) {
            throw new IllegalStateException("a letter looked up by id comes with its content: " + letter.id());
        }
        return content;
    }

    private static HttpFailure gone(DeadLetter letter) {
        return new HttpFailure(
                409,
                "the letter is no longer in " + letter.physicalQueue()
                        + ": it was replayed already, or another client took it");
    }

    /** A file that is gone is what the letter died of; the rest of it is worth seeing. */
    private byte[] shown(DeadLetterContent content) {
        return content.bodyReference() == null
                ? body(content)
                : bodyFiles.find(content.bodyReference()).orElse(NOTHING);
    }

    private byte[] body(DeadLetterContent content) {
        if (content.bodyReference() != null) {
            return bodyFiles.read(content.bodyReference());
        }
        ByteBuffer buffer = content.body();
        if (buffer == null) {
            return NOTHING;
        }
        var body = new byte[buffer.remaining()];
        buffer.get(body);
        return body;
    }

    /** As text when it is text, so that a person can read it. */
    private static void putBody(ObjectNode json, byte[] body) {
        try {
            json.put(
                    "body",
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(body))
                            .toString());
        } catch (CharacterCodingException e) {
            json.put("bodyBase64", Base64.getEncoder().encodeToString(body));
        }
    }

    private static ObjectNode summary(DeadLetter letter) {
        ObjectNode json = JsonAnswer.object()
                .put("id", letter.id())
                .put("callId", letter.callId().text())
                .put("queue", letter.queue())
                .put("function", letter.function().name())
                .put("namespace", letter.function().namespace())
                .put("reason", letter.reason().code())
                .put("statusCode", letter.statusCode())
                .put("error", letter.error())
                .put("fingerprint", letter.fingerprint())
                .put("attempts", letter.attempts())
                .put("submittedAt", letter.submittedAt().toString())
                .put("deadAt", letter.deadAt().toString())
                .put("size", letter.size())
                .put("contentType", letter.contentType())
                .put("replays", letter.replays());
        List.of("error", "contentType").forEach(field -> {
            if (json.path(field).isNull()) {
                json.remove(field);
            }
        });
        return json;
    }

    private static DeadLetterFilter filter(Message request) {
        return new DeadLetterFilter(
                request.getHeader("queue", String.class),
                request.getHeader("function", String.class),
                request.getHeader("namespace", String.class),
                reason(request.getHeader("reason", String.class)),
                number(request, "status", 0, 999));
    }

    private static @Nullable DeadReason reason(@Nullable String code) {
        try {
            return code == null ? null : DeadReason.ofCode(code);
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(
                    400,
                    "reason must be one of attempts-exhausted, rejected, expired, unknown-function,"
                            + " malformed, platform-error");
        }
    }

    private static int limit(Message request) {
        Integer limit = number(request, "limit", 1, MAX_LIMIT);
        return limit == null ? DEFAULT_LIMIT : limit;
    }

    private static @Nullable Integer number(Message request, String name, int min, int max) {
        String text = request.getHeader(name, String.class);
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < min || Integer.parseInt(text) > max) {
            throw new HttpFailure(400, name + " must be a number from " + min + " to " + max);
        }
        return Integer.parseInt(text);
    }

    private static Set<String> secretHeaders() {
        var names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(List.of("Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization", "X-Api-Key"));
        return names;
    }
}
