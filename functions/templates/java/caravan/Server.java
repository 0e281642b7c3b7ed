package caravan;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves function.Handler over HTTP, on 127.0.0.1:$PORT, and finishes what runs when it is told to end. */
final class Server {

    private static final int FINISH_SECONDS = 25;

    private Server() {}

    public static void main(String[] args) throws IOException {
        // Head and body leave at once: the second of two packets would wait for the client's acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        Function handler = new function.Handler();
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 128);
        server.setExecutor(threads());
        server.createContext("/", exchange -> answer(exchange, handler));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(FINISH_SECONDS)));
        server.start();
    }

    /** Virtual ones where there are any. */
    private static ExecutorService threads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            return Executors.newCachedThreadPool();
        }
    }

    private static void answer(HttpExchange exchange, Function handler) throws IOException {
        try (exchange) {
            Response response;
            try {
                response = handler.handle(request(exchange));
            } catch (Exception e) {
                // Standard error is the function's log; the caller sees none of it.
                e.printStackTrace();
                response = Response.text("the function failed\n").withStatus(500);
            }
            response.headers().forEach(exchange.getResponseHeaders()::set);
            boolean empty = exchange.getRequestMethod().equals("HEAD") || response.body().length == 0;
            exchange.sendResponseHeaders(response.status(), empty ? -1 : response.body().length);
            if (!empty) {
                exchange.getResponseBody().write(response.body());
            }
        }
    }

    private static Request request(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getRawQuery();
        return new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                query == null ? "" : query,
                exchange.getRequestHeaders(),
                exchange.getRequestBody().readAllBytes());
    }
}
