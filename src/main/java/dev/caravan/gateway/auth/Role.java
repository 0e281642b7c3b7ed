package dev.caravan.gateway.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How much a user may do; each may do all that those before it may. */
public enum Role {
    /** Looks: lists functions, queues and dead letters, and calls functions that ask for a user. */
    VIEWER,
    /** Keeps things running: replays and deletes dead letters, acts on queues. */
    OPERATOR,
    /** Everything: deploys, scales and removes functions, sees to secrets. */
    ADMIN;

    /** The role of that name, as it stands in a route's {@code group} and in the users file. */
    public static Optional<Role> of(String word) {
        return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether who has this role may do what needs {@code needed}. */
    public boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }
}
