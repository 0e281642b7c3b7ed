package dev.caravan;

import dev.caravan.config.DockerSettings;
import dev.caravan.config.FunctionSettings.Provider;
import dev.caravan.config.Settings;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.docker.DockerProvider;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.EngineConnection;
import dev.caravan.provider.process.ProcessProvider;
import dev.caravan.provider.swarm.SwarmProvider;
import java.nio.file.Path;
import java.time.InstantSource;

/** What runs the functions, as the settings say. */
final class ProviderChoice {

    private final Settings settings;
    private final String release;
    private final InstantSource clock;
    private final Provider provider;

    /** Why functions are not containers, though they were to be where an engine is; empty when nobody wondered. */
    private final String missing;

    /** With {@code auto} an engine is asked, for some seconds at most. */
    ProviderChoice(Settings settings, String release, InstantSource clock) {
        this.settings = settings;
        this.release = release;
        this.clock = clock;
        Provider chosen = settings.functions().provider();
        String reason = "";
        if (chosen == Provider.AUTO) {
            try {
                chosen = EngineConnection.managesSwarm(settings.docker().host()) ? Provider.SWARM : Provider.DOCKER;
            } catch (ProviderException e) {
                chosen = Provider.PROCESS;
                reason = "; " + e.getMessage();
            }
        }
        this.provider = chosen;
        this.missing = reason;
    }

    /** One that was not started. */
    FunctionProvider provider(Path data) {
        Path secrets = settings.data().secrets();
        String namespace = settings.functions().namespace();
        return switch (provider) {
            case PROCESS, AUTO -> {
                Path folder = settings.functions().stack().map(Path::getParent).orElse(data);
                yield new ProcessProvider(data, folder, secrets, namespace, release, clock);
            }
            case DOCKER -> new DockerProvider(engine(), data, secrets, namespace, release, clock);
            case SWARM -> new SwarmProvider(engine(), data, secrets, namespace, release, clock);
        };
    }

    private DockerPlace engine() {
        DockerSettings docker = settings.docker();
        return new DockerPlace(
                docker.host(),
                docker.project(),
                DockerPlace.Address.valueOf(docker.address().name()));
    }

    /** For people, in one line. */
    @Override
    public String toString() {
        return switch (provider) {
            case PROCESS, AUTO -> "process: functions are processes of this machine, for trusted code" + missing;
            case DOCKER -> "docker: functions are containers of one engine";
            case SWARM -> "swarm: functions are services of a Docker Swarm";
        };
    }
}
