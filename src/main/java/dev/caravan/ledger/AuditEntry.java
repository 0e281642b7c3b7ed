package dev.caravan.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that an operator did, or tried to do and was refused by the thing itself. Texts are cut to what the ledger
 * keeps of each; none of them may hold a secret or a body.
 *
 * @param who the user's name; empty where nobody is asked who it is
 * @param role the user's role, as it was then
 * @param action what was done: the id of the route that did it
 * @param target the request's method, path and query
 * @param subject what it was done to, when the path does not say so; empty otherwise
 * @param affected to how many; null when there is only one, or nobody counted
 * @param status what was answered
 * @param node which node did it; null when it has no name
 * @param reason why, in the operator's own words; null when none were said
 * @param before what was changed, as it was; null where that makes no sense
 * @param after the same as it is now
 */
public record AuditEntry(
        Instant at,
        String who,
        String role,
        String action,
        String target,
        String subject,
        @Nullable Long affected,
        int status,
        @Nullable String node,
        @Nullable String reason,
        @Nullable String before,
        @Nullable String after) {

    /** How much of an operator's words is kept, in characters. */
    public static final int LONGEST_REASON = 500;

    private static final int LONGEST_NAME = 256;
    private static final int LONGEST_WORD = 128;
    private static final int LONGEST_TEXT = 512;
    private static final int LONGEST_VALUE = 256;

    public AuditEntry {
        who = cut(who, LONGEST_NAME);
        action = cut(action, LONGEST_WORD);
        target = cut(target, LONGEST_TEXT);
        subject = cut(subject, LONGEST_TEXT);
        reason = reason == null ? null : cut(reason, LONGEST_REASON);
        before = before == null ? null : cut(before, LONGEST_VALUE);
        after = after == null ? null : cut(after, LONGEST_VALUE);
    }

    private static String cut(String text, int length) {
        String kept = String.valueOf(StoredText.of(text));
        if (kept.length() <= length) {
            return kept;
        }
        // Half of a pair is no text that every database takes.
        int end = Character.isHighSurrogate(kept.charAt(length - 2)) ? length - 2 : length - 1;
        return kept.substring(0, end) + "…";
    }
}
