package dev.caravan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which routes this node runs. {@code shared} is always among them.
 *
 * @param node what the node is called where several are told apart; empty for the host's name
 */
public record RouteSettings(Path folder, List<String> roles, Optional<String> node) {

    private static final List<String> KNOWN = List.of("gateway", "worker", "outcome", "scaling", "bridge", "triggers");

    static final Setting<Path> ROUTES = new Setting<>(
            "CARAVAN_ROUTES",
            "./routes",
            "Folder with the routes.",
            text -> Path.of(text).toAbsolutePath().normalize());
    static final Setting<List<String>> ROLES = Setting.list(
            "CARAVAN_ROLES", String.join(",", KNOWN), "Which folders of routes this node runs, separated by commas.");

    static final Setting<Optional<String>> NODE = new Setting<>(
            "CARAVAN_NODE",
            "",
            "What this node is called in the attempts of the calls that it runs; the host's name when unset.",
            RouteSettings::node);

    static final List<Setting<?>> ALL = List.of(ROUTES, ROLES, NODE);

    static RouteSettings from(Map<String, String> environment) {
        List<String> roles = ROLES.in(environment);
        for (String role : roles) {
            if (!KNOWN.contains(role)) {
                throw new SettingsException(
                        "CARAVAN_ROLES must be among " + String.join(", ", KNOWN) + ", got: \"" + role + "\"");
            }
        }
        return new RouteSettings(ROUTES.in(environment), roles, NODE.in(environment));
    }

    private static Optional<String> node(String text) {
        if (!text.matches("[A-Za-z0-9._-]{0,64}")) {
            throw new IllegalArgumentException("must be at most 64 letters, digits, dots, dashes and underscores");
        }
        return Optional.of(text).filter(name -> !name.isEmpty());
    }
}
