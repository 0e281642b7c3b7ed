package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.gateway.auth.Caller;
import dev.caravan.ledger.AuditEntry;
import dev.caravan.ledger.AuditFilter;
import dev.caravan.ledger.AuditPage;
import dev.caravan.ledger.AuditTrail;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The bean {@code audit} behind {@code /system/audit}: what operators did, on all nodes. */
public final class AuditApi {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;
    private static final List<String> FILTERS = List.of("user", "action", "since", "until");
    private static final List<String> PARAMETERS = with("limit", "cursor");
    private static final List<String> OF_FILES = with("format");
    private static final String CSV_HEAD = CsvLine.of(
            "at",
            "user",
            "role",
            "action",
            "request",
            "subject",
            "before",
            "after",
            "affected",
            "reason",
            "status",
            "node");

    private final AuditTrail trail;

    public AuditApi(AuditTrail trail) {
        this.trail = trail;
    }

    /** {@code {items, next?}}, newest first. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            QueryParameters query = QueryParameters.of(exchange);
            query.only(PARAMETERS);
            AuditPage page = page(
                    filter(query, exchange), limit(query), query.text("cursor").orElse(null));
            ObjectNode json = JsonAnswer.object();
            ArrayNode items = json.putArray("items");
            page.items().forEach(entry -> items.add(json(entry)));
            if (page.next() != null) {
                json.put("next", page.next());
            }
            return new JsonAnswer(200, json);
        });
    }

    private static List<String> with(String... others) {
        return Stream.concat(FILTERS.stream(), Stream.of(others)).toList();
    }

    /** What others did may be about functions that are not there for him. */
    private static AuditFilter filter(QueryParameters query, Exchange exchange) {
        String user = query.text("user").orElse(null);
        Caller caller = exchange.getProperty(Caller.PROPERTY, Caller.class);
        if (caller != null && !caller.rights().allFunctions()) {
            if (user != null && !user.equals(caller.name())) {
                throw new HttpFailure(403, "you see some functions only, and of what was done only what you did");
            }
            user = caller.name();
        }
        return new AuditFilter(
                user,
                query.text("action").orElse(null),
                query.time("since").orElse(null),
                query.time("until").orElse(null));
    }

    /** All that match, newest first, as fast as the client takes them; one JSON object a line, or a table. */
    public void export(Exchange exchange) {
        JsonAnswer.orProblem(exchange, () -> {
            QueryParameters query = QueryParameters.of(exchange);
            query.only(OF_FILES);
            AuditFilter filter = filter(query, exchange);
            String format = query.text("format").orElse("ndjson");
            var export = switch (format) {
                case "ndjson" -> new Export(filter, "", entry -> json(entry) + "\n");
                case "csv" -> new Export(filter, CSV_HEAD, AuditApi::csv);
                default -> throw new HttpFailure(400, "format must be one of ndjson, csv");
            };
            exchange.getMessage().removeHeaders("*");
            exchange.getMessage()
                    .setHeader(
                            Exchange.CONTENT_TYPE, format.equals("csv") ? CsvLine.MEDIA_TYPE : "application/x-ndjson");
            exchange.getMessage().setHeader("X-Content-Type-Options", "nosniff");
            new PulledAnswer(export::next).to(exchange);
        });
    }

    private static String csv(AuditEntry entry) {
        return CsvLine.of(
                entry.at(),
                entry.who(),
                entry.role(),
                entry.action(),
                entry.target(),
                entry.subject(),
                entry.before(),
                entry.after(),
                entry.affected(),
                entry.reason(),
                entry.status(),
                entry.node());
    }

    /** Where one export is; a page at a time, read by one thread after the other. */
    private final class Export {
        private final AuditFilter filter;
        private final Function<AuditEntry, String> line;
        private String head;
        private @Nullable String cursor;
        private boolean ended;

        Export(AuditFilter filter, String head, Function<AuditEntry, String> line) {
            this.filter = filter;
            this.head = head;
            this.line = line;
        }

        synchronized Optional<String> next() {
            if (ended) {
                return Optional.empty();
            }
            AuditPage page = trail.page(filter, MAX_LIMIT, cursor);
            cursor = page.next();
            ended = cursor == null;
            var lines = new StringBuilder(head);
            head = "";
            page.items().forEach(entry -> lines.append(line.apply(entry)));
            return lines.isEmpty() ? Optional.empty() : Optional.of(lines.toString());
        }
    }

    private AuditPage page(AuditFilter filter, int limit, @Nullable String cursor) {
        try {
            return trail.page(filter, limit, cursor);
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, "cursor must be the \"next\" of a page of this list");
        }
    }

    private static int limit(QueryParameters query) {
        int limit = query.wholeNumber("limit", DEFAULT_LIMIT);
        if (limit < 1 || limit > MAX_LIMIT) {
            throw QueryParameters.refused("limit", "must be from 1 to " + MAX_LIMIT, Integer.toString(limit));
        }
        return limit;
    }

    private static ObjectNode json(AuditEntry entry) {
        ObjectNode json = JsonAnswer.object()
                .put("at", entry.at().toString())
                .put("user", entry.who())
                .put("role", entry.role())
                .put("action", entry.action())
                .put("request", entry.target())
                .put("status", entry.status());
        if (!entry.subject().isEmpty()) {
            json.put("subject", entry.subject());
        }
        if (entry.affected() != null) {
            json.put("affected", entry.affected());
        }
        if (entry.before() != null) {
            json.put("before", entry.before());
        }
        if (entry.after() != null) {
            json.put("after", entry.after());
        }
        if (entry.reason() != null) {
            json.put("reason", entry.reason());
        }
        if (entry.node() != null) {
            json.put("node", entry.node());
        }
        return json;
    }
}
