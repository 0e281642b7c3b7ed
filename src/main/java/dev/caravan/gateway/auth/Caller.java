package dev.caravan.gateway.auth;

import org.jspecify.annotations.Nullable;

/**
 * Who asks, once that is known.
 *
 * @param session what the caller came in by; null for HTTP Basic
 */
public record Caller(
        String name, Role role, Rights rights, @Nullable Session session) {

    /** Exchange property: the caller of a request for which somebody was asked who it is. */
    public static final String PROPERTY = "CaravanCaller";

    /** One who sees everything. */
    public Caller(String name, Role role, @Nullable Session session) {
        this(name, role, Rights.ALL, session);
    }

    Caller(String name, Role role) {
        this(name, role, null);
    }

    Caller(String name, Grant grant) {
        this(name, grant.role(), grant.rights(), null);
    }
}
