package dev.caravan.config;

import java.util.List;
import java.util.Map;

/**
 * Which database holds the ledger.
 *
 * @param url empty for the embedded one
 * @param user empty when the URL says it
 */
public record DatabaseSettings(String url, String user) {

    private static final String SCHEME = "jdbc:postgresql:";

    static final Setting<String> URL = Setting.text(
            "CARAVAN_DATABASE_URL",
            "",
            "Address of a PostgreSQL for the ledger, e.g. `jdbc:postgresql://db/caravan`, when several nodes share it; a database in the data folder when unset.");
    static final Setting<String> USER = Setting.text(
            "CARAVAN_DATABASE_USER",
            "",
            "Who signs in there; the password is the file `database-password` in `CARAVAN_SECRETS`.");

    static final List<Setting<?>> ALL = List.of(URL, USER);

    /** What is wrong is said without the value: it may hold a password. */
    static DatabaseSettings from(Map<String, String> environment) {
        var settings = new DatabaseSettings(URL.in(environment), USER.in(environment));
        if (!settings.embedded() && !settings.url.startsWith(SCHEME)) {
            throw new SettingsException(URL.env() + " must begin with " + SCHEME + ", the one database there is besides"
                    + " the embedded one");
        }
        if (settings.url.split("\\?", 2)[0].contains("@")) {
            throw new SettingsException(URL.env() + " must not name a user before the host: set " + USER.env()
                    + " and put the password into the file database-password in CARAVAN_SECRETS");
        }
        return settings;
    }

    public boolean embedded() {
        return url.isEmpty();
    }

    /** Without parameters, among which a password may be. */
    @Override
    public String toString() {
        return "DatabaseSettings[url=" + url.split("\\?", 2)[0] + ", user=" + user + "]";
    }
}
