package dev.caravan.provider.docker;

import dev.caravan.function.FunctionName;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a replica's container is called, {@code PROJECT.NAMESPACE.FUNCTION.NUMBER}, and with it what is to become of it:
 * a name can be changed while a container runs, labels cannot, so it is where a decision is written down.
 */
record ContainerName(String stem, Fate fate) {

    enum Fate {
        /** It is wanted. */
        SERVES(""),
        /** The function is scaled to zero: it is stopped, and the first to start again. */
        PARKED(".parked"),
        /** It finishes what it has, and goes. */
        RETIRES(".retires");

        private final String suffix;

        Fate(String suffix) {
            this.suffix = suffix;
        }
    }

    static ContainerName fresh(String project, FunctionName function) {
        String number =
                String.format(Locale.ROOT, "%08x", ThreadLocalRandom.current().nextInt());
        return of(project, function, number);
    }

    /** @param instance as {@link #instance} tells it, or its last part */
    static ContainerName of(String project, FunctionName function, String instance) {
        String number = instance.substring(instance.lastIndexOf('-') + 1);
        return new ContainerName(
                project + "." + function.namespace() + "." + function.name() + "." + number, Fate.SERVES);
    }

    /** @param name as the engine tells it, with or without a slash before it */
    static ContainerName parse(String name) {
        String plain = name.startsWith("/") ? name.substring(1) : name;
        for (Fate fate : new Fate[] {Fate.PARKED, Fate.RETIRES}) {
            if (plain.endsWith(fate.suffix)) {
                return new ContainerName(plain.substring(0, plain.length() - fate.suffix.length()), fate);
            }
        }
        return new ContainerName(plain, Fate.SERVES);
    }

    ContainerName with(Fate other) {
        return new ContainerName(stem, other);
    }

    /** {@code FUNCTION-NUMBER}: who speaks in the log, and the container's host name. */
    String instance() {
        String[] parts = stem.split("\\.");
        return parts.length < 2 ? stem : parts[parts.length - 2] + "-" + parts[parts.length - 1];
    }

    @Override
    public String toString() {
        return stem + fate.suffix;
    }
}
