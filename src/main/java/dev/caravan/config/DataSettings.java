package dev.caravan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Where everything stands that must survive, and where the secrets are. */
public record DataSettings(Path folder, Path secrets) {

    static final Setting<Path> DATA = new Setting<>(
            "CARAVAN_DATA",
            "./data",
            "Folder of everything that must survive: broker journal, ledger, deployments, secrets.",
            text -> Path.of(text).toAbsolutePath().normalize());
    static final Setting<String> SECRETS = Setting.text(
            "CARAVAN_SECRETS",
            "",
            "Folder of `basic-auth-user`, `basic-auth-password`, `users`, `callback-key`, `database-password`, `redis-password` and, below `functions`, the secrets of functions; `secrets` in the data folder when unset.");

    static final List<Setting<?>> ALL = List.of(DATA, SECRETS);

    static DataSettings from(Map<String, String> environment) {
        Path folder = DATA.in(environment);
        String secrets = SECRETS.in(environment);
        return new DataSettings(
                folder,
                secrets.isEmpty()
                        ? folder.resolve("secrets")
                        : Path.of(secrets).toAbsolutePath().normalize());
    }
}
