package dev.caravan.provider.process;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** A replica that is given its secrets before it starts, and from which they are taken when it ends. */
final class ReplicaWithSecrets implements Replica {

    private final Replica replica;
    private final ReplicaSecrets secrets;

    ReplicaWithSecrets(Replica replica, ReplicaSecrets secrets) {
        this.replica = replica;
        this.secrets = secrets;
    }

    @Override
    public void start() throws IOException {
        boolean started = false;
        try {
            secrets.open();
            replica.start();
            started = true;
        } finally {
            if (!started) {
                secrets.close();
            }
        }
    }

    @Override
    public Optional<URI> ready() {
        return replica.ready();
    }

    @Override
    public Set<Long> groups() {
        return replica.groups();
    }

    @Override
    public Optional<String> trouble() {
        return replica.trouble();
    }

    @Override
    public void finish(Duration limit) throws InterruptedException {
        try {
            replica.finish(limit);
        } finally {
            secrets.close();
        }
    }

    @Override
    public void kill() {
        replica.kill();
        secrets.close();
    }
}
