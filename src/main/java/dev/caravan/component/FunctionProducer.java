package dev.caravan.component;

import dev.caravan.function.FailureCode;
import dev.caravan.function.FunctionCallException;
import dev.caravan.function.FunctionName;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.streams.ReadStream;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultAsyncProducer;
import org.jspecify.annotations.Nullable;

/**
 * Calls functions for one endpoint.
 *
 * <p>On an event loop it never waits. On any other thread it waits for the outcome and goes on there: what follows in
 * the route may block or be bound to its thread (a JMS session is), so it must not end up on an event loop.
 */
final class FunctionProducer extends DefaultAsyncProducer {

    private final FunctionEndpoint endpoint;
    private final FunctionComponent component;
    private final Map<FunctionName, AtomicInteger> turns = new ConcurrentHashMap<>();
    private @Nullable FunctionName fixed;
    private Duration timeout = Duration.ZERO;
    private ColdStart coldStart;

    FunctionProducer(FunctionEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        this.component = endpoint.getComponent();
        this.coldStart = component.coldStart(ColdStart.Mode.OFF, timeout);
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        fixed = endpoint.fixedFunction();
        timeout = endpoint.callTimeout();
        coldStart = component.coldStart(endpoint.coldStart(), timeout);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        FunctionCall.Order order;
        try {
            order = order(exchange);
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        Cancellation cancellation = exchange.getProperty(CaravanHeaders.CANCELLATION, Cancellation.class);
        if (Context.isOnEventLoopThread()) {
            Context context = component.vertx().getOrCreateContext();
            start(context, order, cancellation, new ToExchange(exchange, () -> callback.done(false)));
            return false;
        }
        var done = new CountDownLatch(1);
        Context context = component.vertx().getOrCreateContext();
        Cancellation cord = cancellation == null ? new Cancellation() : cancellation;
        context.runOnContext(ready -> start(context, order, cord, new ToExchange(exchange, done::countDown)));
        await(done, cord);
        callback.done(true);
        return true;
    }

    /** An interrupted thread gives the call up, and still waits for that: two threads must not share an exchange. */
    private static void await(CountDownLatch done, Cancellation cord) {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                cord.cancel();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void start(
            Context context, FunctionCall.Order order, @Nullable Cancellation cancellation, ToExchange receiver) {
        if (order.replicas().isEmpty()) {
            startCold(context, order, cancellation, receiver);
            return;
        }
        var call = new FunctionCall(component.vertx(), component.client(), component.events(), order, receiver);
        if (cancellation != null) {
            cancellation.onCancel(() -> context.runOnContext(now -> call.abort()));
        }
        call.start();
    }

    private void startCold(
            Context context, FunctionCall.Order order, @Nullable Cancellation cancellation, ToExchange receiver) {
        coldStart.await(
                context,
                order.function(),
                cancellation,
                replicas -> start(
                        context, order.at(replicas, turn(order.function(), replicas.size())), cancellation, receiver),
                receiver::failed);
    }

    private FunctionCall.Order order(Exchange exchange) {
        Message message = exchange.getMessage();
        FunctionName function = fixed != null ? fixed : named(message);
        List<URI> replicas = component
                .provider()
                .replicas(function)
                .orElseThrow(() -> new FunctionCallException(
                        FailureCode.UNKNOWN_FUNCTION, "function \"" + function + "\" is not deployed"));
        if (replicas.isEmpty()) {
            coldStart.admit(function);
        }
        RequestHead head =
                endpoint.isStream() ? exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class) : null;
        Object body = body(message);
        return new FunctionCall.Order(
                function,
                replicas,
                replicas.size() <= 1 ? 0 : turn(function, replicas.size()),
                method(message),
                uri(message),
                head != null ? new ForwardedHeaders(head, message, body, component.userAgent()) : headers(exchange),
                body,
                body instanceof ReadStream && head != null ? contentLength(head) : -1,
                endpoint.isStream(),
                timeout,
                maxAnswer(exchange));
    }

    private long maxAnswer(Exchange exchange) {
        Long wanted = exchange.getProperty(CaravanHeaders.MAX_ANSWER, Long.class);
        return wanted == null ? endpoint.getMaxAnswer() : Math.min(wanted, endpoint.getMaxAnswer());
    }

    private FunctionName named(Message message) {
        String name = message.getHeader(CaravanHeaders.FUNCTION, String.class);
        String namespace = message.getHeader(CaravanHeaders.NAMESPACE, String.class);
        if (name == null) {
            throw new FunctionCallException(FailureCode.UNKNOWN_FUNCTION, "the message names no function");
        }
        try {
            return new FunctionName(name, namespace == null ? component.defaultNamespace() : namespace);
        } catch (IllegalArgumentException e) {
            throw new FunctionCallException(FailureCode.UNKNOWN_FUNCTION, String.valueOf(e.getMessage()));
        }
    }

    private int turn(FunctionName function, int replicas) {
        int turn = turns.computeIfAbsent(function, first -> new AtomicInteger()).getAndIncrement();
        return Math.floorMod(turn, replicas);
    }

    private static HttpMethod method(Message message) {
        Object method = message.getHeader(Exchange.HTTP_METHOD);
        return method == null ? HttpMethod.POST : HttpMethod.valueOf(method.toString());
    }

    private static String uri(Message message) {
        String path = message.getHeader(CaravanHeaders.PATH, String.class);
        String query = message.getHeader(CaravanHeaders.QUERY, String.class);
        String from = path == null || path.isEmpty() ? "/" : path;
        return query == null ? from : from + "?" + query;
    }

    private @Nullable Object body(Message message) {
        Object body = message.getBody();
        if (body == null || body instanceof Buffer) {
            return body;
        }
        if (body instanceof ReadStream) {
            if (!endpoint.isStream()) {
                throw new IllegalArgumentException(
                        "a streamed body needs function:" + endpoint.getName() + "?stream=true");
            }
            return body;
        }
        byte[] bytes = body instanceof byte[] ready ? ready : message.getBody(byte[].class);
        if (bytes == null) {
            throw new IllegalArgumentException("a body of " + body.getClass().getName()
                    + " cannot be sent to a function; convert it to text or bytes first");
        }
        return Buffer.buffer(Unpooled.wrappedBuffer(bytes));
    }

    private static long contentLength(RequestHead head) {
        String length = head.headers().get("content-length");
        return length == null ? -1 : Long.parseLong(length);
    }

    private RequestHeaders headers(Exchange exchange) {
        @SuppressWarnings("unchecked") // what the property's description says
        Map<String, List<String>> exact = exchange.getProperty(CaravanHeaders.REQUEST_HEADERS, Map.class);
        return to -> {
            if (exact != null) {
                addExact(exact, to);
            } else {
                addFromMessage(exchange.getMessage(), to);
            }
            if (!to.contains("user-agent")) {
                to.add("User-Agent", component.userAgent());
            }
        };
    }

    private static void addExact(Map<String, List<String>> exact, MultiMap to) {
        exact.forEach((name, values) -> {
            if (!HeaderRules.isHopByHop(name)
                    && !name.equalsIgnoreCase("host")
                    && !name.equalsIgnoreCase("content-length")) {
                to.add(name, values);
            }
        });
    }

    private static void addFromMessage(Message message, MultiMap to) {
        message.getHeaders().forEach((name, value) -> {
            if (value != null
                    && HeaderRules.entersMessages(name)
                    && !name.equalsIgnoreCase("host")
                    && HeaderRules.leavesMessages(name)
                    && HeaderRules.isValue(value.toString())) {
                to.add(name, value.toString());
            }
        });
    }

    /** Puts the outcome on the exchange. */
    private static final class ToExchange implements FunctionCall.Receiver {

        private final Exchange exchange;
        private final Runnable done;

        ToExchange(Exchange exchange, Runnable done) {
            this.exchange = exchange;
            this.done = done;
        }

        @Override
        public void streaming(AnswerStream answer) {
            exchange.setProperty(CaravanHeaders.ANSWER_STREAM, answer);
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
            exchange.getMessage().setBody(answer);
            done.run();
        }

        @Override
        public void answered(HttpClientResponse response, Buffer body, long size, Duration took) {
            Map<String, List<String>> headers = new LinkedHashMap<>();
            Message message = exchange.getMessage();
            for (String name : response.headers().names()) {
                if (!HeaderRules.isHopByHop(name)) {
                    List<String> values = List.copyOf(response.headers().getAll(name));
                    headers.put(name, values);
                    if (HeaderRules.entersMessages(name)) {
                        message.setHeader(name, values.get(0));
                    }
                }
            }
            byte[] bytes = body.getBytes();
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, response.statusCode());
            message.setBody(bytes);
            exchange.setProperty(
                    CaravanHeaders.FUNCTION_ANSWER,
                    new FunctionAnswer(response.statusCode(), headers, bytes, size, took));
            done.run();
        }

        @Override
        public void failed(RuntimeException failure) {
            exchange.setException(failure);
            done.run();
        }
    }
}
