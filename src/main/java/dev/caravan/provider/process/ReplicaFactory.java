package dev.caravan.provider.process;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.provider.LogRing;
import dev.caravan.watchdog.FunctionLog;
import dev.caravan.watchdog.Place;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the replicas of this run: each with its name, its environment, its mode and the secrets it is given. */
final class ReplicaFactory {

    private final WorkFolders work;
    private final OwnerMark owner;
    private final SecretFolders secrets;
    private final AtomicLong instances = new AtomicLong();

    /** @param work where they run */
    ReplicaFactory(WorkFolders work, OwnerMark owner, SecretFolders secrets) {
        this.work = work;
        this.owner = owner;
        this.secrets = secrets;
    }

    SecretFolders secrets() {
        return secrets;
    }

    /**
     * A replica that has yet to be started.
     *
     * @param changed told when it gets ready or ceases to be
     */
    Replica create(FunctionDeployment deployment, LogRing ring, Runnable changed) {
        String instance = deployment.service() + "-" + instances.incrementAndGet();
        FunctionLog log = text -> ring.add(instance, text);
        var environment = new ProcessEnvironment(deployment);
        Map<String, String> variables = environment.variables(owner);
        if (deployment.secrets().isEmpty()) {
            return by(environment, variables, Place.in(work.of(deployment)), log, changed);
        }
        ReplicaSecrets given = secrets.of(deployment, instance);
        variables.put(ProcessEnvironment.SECRETS_PATH, given.path().toString());
        return new ReplicaWithSecrets(by(environment, variables, given.place(), log, changed), given);
    }

    private static Replica by(
            ProcessEnvironment environment,
            Map<String, String> variables,
            Place place,
            FunctionLog log,
            Runnable changed) {
        return switch (environment.mode()) {
            case WATCHDOG -> new WatchdogReplica(variables, place, log);
            case HTTP -> new HttpReplica(environment.command(), variables, place, log, changed);
        };
    }
}
