package dev.caravan.gateway;

import dev.caravan.component.CallbackTargets;
import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.HeaderRules;
import dev.caravan.component.RequestHead;
import dev.caravan.config.AsyncSettings;
import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import dev.caravan.ledger.KeyLease;
import dev.caravan.ledger.Ledger;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.FunctionPolicies;
import dev.caravan.queue.FunctionPolicy;
import dev.caravan.queue.MessageProperties;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.StoreRoom;
import io.vertx.core.MultiMap;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code acceptCall}: judges an asynchronous call at the door, before anything is stored, and makes its message for the
 * queue. Comes after {@code functionRequest}.
 *
 * <p>Refuses with one line: 404 for a function that is not there, 400 for a header that makes no sense, and with {@code
 * Retry-After} 429 when too many of the function's calls wait and 503 when there is no room.
 */
public final class AcceptCall implements Processor {

    /**
     * A call that the door let in and the broker does not have yet.
     *
     * @param keyed null when it came without an idempotency key
     * @param lease the right to send it; null when it needs none
     */
    record Accepting(
            Call call,
            @Nullable Instant notBefore,
            @Nullable String bodyFile,
            @Nullable KeyedRequest keyed,
            @Nullable KeyLease lease) {

        static final String PROPERTY = "CaravanAccepting";

        static Accepting of(Exchange exchange) {
            Accepting accepting = exchange.getProperty(PROPERTY, Accepting.class);
            if (accepting == null) {
                throw new IllegalStateException("this step needs acceptCall before it in the route");
            }
            return accepting;
        }

        /** The same, under the id that its key stands for. */
        Accepting under(KeyLease granted) {
            return new Accepting(call.as(granted.id()), notBefore, bodyFile, keyed, granted);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(AcceptCall.class);
    private static final byte[] NOTHING = {};
    private static final int DEFAULT_PRIORITY = 4;

    private final FunctionProvider provider;
    private final FunctionPolicies policies;
    private final Ledger ledger;
    private final BodyFiles bodyFiles;
    private final CallbackTargets callbackTargets;
    private final StoreRoom room;
    private final CallEvents events;
    private final AsyncSettings settings;
    private final InstantSource clock;

    public AcceptCall(
            FunctionProvider provider,
            FunctionPolicies policies,
            Ledger ledger,
            BodyFiles bodyFiles,
            CallbackTargets callbackTargets,
            StoreRoom room,
            CallEvents events,
            AsyncSettings settings,
            InstantSource clock) {
        this.provider = provider;
        this.policies = policies;
        this.ledger = ledger;
        this.bodyFiles = bodyFiles;
        this.callbackTargets = callbackTargets;
        this.room = room;
        this.events = events;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        try {
            accept(exchange);
        } catch (HttpFailure refused) {
            events.refused(refused.status());
            throw refused;
        }
    }

    private void accept(Exchange exchange) {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        Message message = exchange.getMessage();
        FunctionName function = new FunctionName(
                message.getHeader(CaravanHeaders.FUNCTION, String.class),
                message.getHeader(CaravanHeaders.NAMESPACE, String.class));
        requireKnown(function);
        requireRoom();

        var options = new CallOptions(head.headers());
        Optional<Duration> delay = options.delay();
        FunctionPolicy policy = policies.apply(function);
        Call call = call(head, message, function, policy, options);
        requirePlaceInQueue(call, policy);
        byte[] body = Optional.ofNullable(message.getBody(byte[].class)).orElse(NOTHING);
        KeyedRequest keyed = KeyedRequest.of(head.headers(), call, body);
        String file = bodyFiles.isLarge(body) ? written(call.id(), body) : null;
        Instant notBefore = delay.map(wait -> clock.instant().plus(wait)).orElse(null);
        exchange.setProperty(Accepting.PROPERTY, new Accepting(call, notBefore, file, keyed, null));

        Map<String, Object> properties = CallProperties.of(call, file);
        delay.ifPresent(wait -> properties.put(MessageProperties.SCHEDULED_DELAY, wait.toMillis()));
        message.removeHeaders("*");
        message.getHeaders().putAll(properties);
        message.setHeader("CamelJmsDestinationName", QueueNames.physical(call.queue(), function));
        message.setBody(file == null ? body : NOTHING);
    }

    private String written(CallId id, byte[] body) {
        try {
            return bodyFiles.write(id, body);
        } catch (UncheckedIOException e) {
            LOG.warn("call refused, its body cannot be written error={}", String.valueOf(e.getCause()));
            throw new HttpFailure(503, "the disk did not take the call's body", Map.of("Retry-After", "10"));
        }
    }

    private void requireKnown(FunctionName function) {
        if (!settings.acceptUnknown() && provider.replicas(function).isEmpty()) {
            throw new HttpFailure(404, "function \"" + function + "\" is not deployed");
        }
    }

    private void requireRoom() {
        room.objection().ifPresent(objection -> {
            throw new HttpFailure(503, "no room for new calls: " + objection, Map.of("Retry-After", "10"));
        });
    }

    /**
     * Calls that are accepted at this moment, here or on other nodes, are not counted yet, so a few more may get in. How
     * soon there is a place again is for the function to say; a caller that comes back too early has lost nothing.
     */
    private void requirePlaceInQueue(Call call, FunctionPolicy policy) {
        int most = policy.maxWaiting();
        if (most > 0 && ledger.waiting(call.queue(), call.function()) >= most) {
            throw new HttpFailure(
                    429,
                    "too many calls wait for function \"" + call.function() + "\", it allows " + most,
                    Map.of("Retry-After", "5"));
        }
    }

    private Call call(
            RequestHead head, Message message, FunctionName function, FunctionPolicy policy, CallOptions options) {
        Optional<CallId> given = CallId.parse(head.headers().get("X-Call-Id"));
        boolean fresh = given.isPresent() && !ledger.known(given.get());
        CallId id = fresh ? given.get() : minted(head, message);
        Instant now = clock.instant();
        Duration maxAge = options.maxAge().or(policy::maxAge).orElse(settings.maxAge());
        return new Call(
                id,
                function,
                head.parameters().getOrDefault("name", function.qualified()),
                queue(function),
                message.getHeader(CaravanHeaders.PATH, "/", String.class),
                message.getHeader(CaravanHeaders.QUERY, String.class),
                headers(head.headers(), message),
                head.host(),
                options.callbackUrl(callbackTargets).orElse(null),
                fresh ? null : given.orElse(null),
                options.orderKey().orElse(null),
                1,
                1,
                options.priority().or(policy::priority).orElse(DEFAULT_PRIORITY),
                now,
                now.plus(options.delay().orElse(Duration.ZERO)).plus(maxAge),
                List.of());
    }

    /** The id that {@code functionRequest} made, unless it kept one of the caller's that is not good here. */
    private static CallId minted(RequestHead head, Message message) {
        return head.headers().contains("X-Call-Id")
                ? CallId.random()
                : new CallId(message.getHeader(CaravanHeaders.CALL_ID, String.class));
    }

    /** {@code com.openfaas.queue}; a name no queue can have is treated as if it was not there. */
    private String queue(FunctionName function) {
        return provider.status(function)
                .flatMap(status -> status.deployment().annotation("com.openfaas.queue"))
                .filter(QueueNames::isLogical)
                .orElse(QueueNames.DEFAULT_QUEUE);
    }

    private static Map<String, List<String>> headers(MultiMap sent, Message message) {
        var headers = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        for (Map.Entry<String, String> header : sent) {
            String name = header.getKey();
            if (HeaderRules.leavesMessages(name)
                    && !name.equalsIgnoreCase("Host")
                    && !name.equalsIgnoreCase("Expect")) {
                headers.computeIfAbsent(name, first -> new ArrayList<>(1)).add(header.getValue());
            }
        }
        headers.put("X-Start-Time", List.of(message.getHeader(CaravanHeaders.START_TIME, String.class)));
        // So it goes wherever the call goes: to its function, its callback, its replays.
        headers.put(
                CaravanHeaders.DEPTH_ON_THE_WIRE, List.of(message.getHeader(CaravanHeaders.DEPTH, "1", String.class)));
        return headers;
    }
}
