package dev.caravan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Which routes this node runs. {@code shared} is always among them. */
public record RouteSettings(Path folder, List<String> roles) {

    private static final List<String> KNOWN = List.of("gateway", "worker", "outcome", "scaling", "bridge", "triggers");

    static final Setting<Path> ROUTES = new Setting<>(
            "CARAVAN_ROUTES",
            "./routes",
            "Folder with the routes.",
            text -> Path.of(text).toAbsolutePath().normalize());
    static final Setting<List<String>> ROLES = Setting.list(
            "CARAVAN_ROLES", String.join(",", KNOWN), "Which folders of routes this node runs, separated by commas.");

    static final List<Setting<?>> ALL = List.of(ROUTES, ROLES);

    static RouteSettings from(Map<String, String> environment) {
        List<String> roles = ROLES.in(environment);
        for (String role : roles) {
            if (!KNOWN.contains(role)) {
                throw new SettingsException(
                        "CARAVAN_ROLES must be among " + String.join(", ", KNOWN) + ", got: \"" + role + "\"");
            }
        }
        return new RouteSettings(ROUTES.in(environment), roles);
    }
}
