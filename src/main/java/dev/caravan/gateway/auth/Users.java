package dev.caravan.gateway.auth;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The users of one reading of the users file: {@code name:role:bcrypt} a line, where the role may say how much is seen, see
 * {@link Grant}; blank lines and {@code #} lines are skipped.
 */
final class Users {

    static final Users NONE = new Users(Map.of());

    /** One line of the file. */
    record User(Grant grant, PasswordHash hash) {}

    private static final int LONGEST_NAME = 100;
    private static final int LEAST_COST = 10;

    private final Map<String, User> byName;
    private final PasswordHash nobodys;

    private Users(Map<String, User> byName) {
        this.byName = Map.copyOf(byName);
        this.nobodys = PasswordHash.ofNobody(byName.values().stream()
                .mapToInt(user -> user.hash().cost())
                .max()
                .orElse(LEAST_COST));
    }

    /**
     * Reads the file's text.
     *
     * @param admin the user of {@code basic-auth-user}, who must not be in the file a second time
     * @param defaultNamespace of functions that a line names without one
     * @throws IOException naming file and line and what is wrong, and nothing of what stands there: it may be a secret in
     *     the wrong place
     */
    static Users parse(Path file, String text, String admin, String defaultNamespace) throws IOException {
        var users = new HashMap<String, User>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                add(line, users, admin, defaultNamespace);
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ":" + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return new Users(users);
    }

    private static void add(String line, Map<String, User> users, String admin, String defaultNamespace) {
        String[] parts = line.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("a line must be name:role:bcrypt");
        }
        String name = parts[0].strip();
        if (name.isEmpty() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "the name must have 1 to " + LONGEST_NAME + " characters, none of them a control character");
        }
        Grant grant = Grant.parse(parts[1].strip(), defaultNamespace);
        PasswordHash hash;
        try {
            hash = PasswordHash.parse(parts[2].strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the third part " + e.getMessage(), e);
        }
        if (name.equals(admin)) {
            throw new IllegalArgumentException("this name is the one of basic-auth-user already");
        }
        if (users.put(name, new User(grant, hash)) != null) {
            throw new IllegalArgumentException("this name stands in the file already");
        }
    }

    Optional<User> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** What a stranger's password is checked against, so that it takes as long as a user's. */
    PasswordHash nobodys() {
        return nobodys;
    }

    boolean isEmpty() {
        return byName.isEmpty();
    }

    int count() {
        return byName.size();
    }
}
