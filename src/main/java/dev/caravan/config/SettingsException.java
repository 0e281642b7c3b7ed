package dev.caravan.config;

/** The environment does not make sense. The message is the one line that the start prints before it ends. */
public final class SettingsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }
}
