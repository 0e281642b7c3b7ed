package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.ledger.AuditEntry;
import dev.caravan.ledger.AuditFilter;
import dev.caravan.ledger.AuditPage;
import dev.caravan.ledger.AuditTrail;
import java.util.List;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The bean {@code audit} behind {@code /system/audit}: what operators did, on all nodes. */
public final class AuditApi {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;
    private static final List<String> PARAMETERS = List.of("user", "action", "since", "until", "limit", "cursor");

    private final AuditTrail trail;

    public AuditApi(AuditTrail trail) {
        this.trail = trail;
    }

    /** {@code {items, next?}}, newest first. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            QueryParameters query = QueryParameters.of(exchange);
            query.only(PARAMETERS);
            var filter = new AuditFilter(
                    query.text("user").orElse(null),
                    query.text("action").orElse(null),
                    query.time("since").orElse(null),
                    query.time("until").orElse(null));
            AuditPage page = page(filter, limit(query), query.text("cursor").orElse(null));
            ObjectNode json = JsonAnswer.object();
            ArrayNode items = json.putArray("items");
            page.items().forEach(entry -> items.add(json(entry)));
            if (page.next() != null) {
                json.put("next", page.next());
            }
            return new JsonAnswer(200, json);
        });
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
        if (entry.node() != null) {
            json.put("node", entry.node());
        }
        return json;
    }
}
