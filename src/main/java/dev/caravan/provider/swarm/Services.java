package dev.caravan.provider.swarm;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.provider.FileSecrets;
import dev.caravan.provider.LogRing;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.engine.Background;
import dev.caravan.provider.engine.Replica;
import dev.caravan.provider.engine.ReplicaWatch;
import dev.caravan.provider.engine.Revision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done with services, one by one. Each decision is written into the service's labels before it is acted on, so
 * that a later run goes on with it.
 */
final class Services {

    private static final Logger LOG = LoggerFactory.getLogger(Services.class);

    /** How long a call may take to arrive that was sent to a replica just before it was taken out. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** How long after its end a replica's last words may come. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    /** The engine tells no more of a process that the kernel has ended, on another node at least. */
    private static final String KILLED = "(137)";

    private final Swarm swarm;
    private final String project;
    private final FileSecrets secrets;
    private final ReplicaWatch watch;
    private final Background background;

    Services(Swarm swarm, String project, FileSecrets secrets, Background background) {
        this.swarm = swarm;
        this.project = project;
        this.secrets = secrets;
        this.watch = new ReplicaWatch(background.threads(), swarm::follow);
        this.background = background;
    }

    Service create(Revision revision, int replicas) {
        return new Service(swarm.create(plan(revision), replicas));
    }

    /** Makes one in the place of one that somebody has removed. */
    Service createAgain(Revision revision, int replicas) {
        forget(revision);
        giveSecrets(revision);
        return create(revision, replicas);
    }

    /** Has more or fewer replicas run, at once. */
    void scale(Service service, int replicas) {
        swarm.scale(service.id(), replicas);
    }

    /** Its replicas get no new calls, finish what they have, and end, in the background. */
    void park(Service service) {
        swarm.want(service.id(), 0);
        service.replicas().forEach(replica -> replica.ready(Optional.empty()));
        settle(service);
    }

    /** Has as many replicas as its labels say, in the background. */
    void settle(Service service) {
        background.after(LINGER, () -> swarm.settle(service.id()));
    }

    /** Its replicas get no new calls, finish what they have, and it goes, in the background. */
    void retire(Service service) {
        service.replicas().forEach(replica -> replica.ready(Optional.empty()));
        try {
            swarm.markAsRetiring(service.id());
        } catch (ProviderException e) {
            LOG.debug("service {} goes without having been marked", service.id(), e);
        }
        List<Replica> replicas = List.copyOf(service.replicas());
        background.insist(LINGER, "service " + service.id() + " is taken away", () -> {
            swarm.remove(service.id());
            forget(service.revision());
            background.after(LAST_WORDS, () -> replicas.forEach(Replica::close));
        });
    }

    /**
     * Brings what is known of a service's replicas up to date.
     *
     * @param serves whether they are to take calls
     * @param refresh told when one of them has become or ceased to be ready
     */
    void observe(Service service, List<SeenTask> tasks, boolean serves, LogRing log, Runnable refresh) {
        for (SeenTask task : tasks) {
            Replica replica = service.replica(task.id());
            task.trouble().map(Services::inOneLine).ifPresent(replica::trouble);
            if (task.running() && task.address().isPresent()) {
                watch.read(replica, log);
                if (serves && !replica.ready().equals(task.address())) {
                    watch.ask(replica, task.address().orElseThrow(), refresh);
                }
            } else if (replica.ready(Optional.empty())) {
                refresh.run();
            }
        }
        Map<String, SeenTask> wanted = tasks.stream().collect(Collectors.toMap(SeenTask::id, Function.identity()));
        service.replicas().removeIf(replica -> {
            boolean over = !wanted.containsKey(replica.id());
            if (over) {
                replica.ready(Optional.empty());
                background.threads().execute(() -> bury(service, replica, log));
            }
            return over;
        });
    }

    /** One that is wanted no more has either ended by itself, and the Swarm starts another, or been taken out. */
    private void bury(Service service, Replica replica, LogRing log) {
        try {
            swarm.task(replica.id()).ifPresent(task -> {
                task.trouble().map(Services::inOneLine).ifPresent(words -> {
                    service.trouble(words);
                    log.add(replica.instance(), "ended: " + words);
                });
                if (!task.container().isEmpty()) {
                    watch.read(replica, log);
                }
            });
        } catch (ProviderException e) {
            LOG.debug("nobody knows why {} ended", replica.instance(), e);
        }
        background.after(LAST_WORDS, replica::close);
    }

    private static String inOneLine(String words) {
        String one = words.replaceAll("\\s+", " ").strip();
        String hint = one.contains(KILLED) ? ", as when it uses more memory than its limit" : "";
        return (one.length() <= 300 ? one : one.substring(0, 300) + "…") + hint;
    }

    /** The engine cannot be asked: whether a replica still answers is all that can be known. */
    void doubt(Replica replica, Runnable refresh) {
        watch.doubt(replica, refresh);
    }

    /** Keeps the values of a revision's secrets on the Swarm, before its service is made. */
    void giveSecrets(Revision revision) {
        ServicePlan plan = plan(revision);
        FunctionDeployment deployment = revision.deployment();
        try {
            int index = 0;
            for (String name : deployment.secrets()) {
                byte[] value = secrets.value(name, deployment);
                if (value.length == 0 || value.length > SecretNames.LARGEST) {
                    throw new ProviderException(
                            Code.INVALID,
                            "secret \"" + name + "\" has " + value.length + " bytes; a Swarm keeps 1 to "
                                    + SecretNames.LARGEST);
                }
                swarm.keep(plan, SecretNames.of(plan, index++, name), value);
            }
        } catch (ProviderException e) {
            forget(revision);
            throw e;
        }
    }

    /** Removes the secrets of a revision that has no service. */
    void forget(Revision revision) {
        if (!revision.deployment().secrets().isEmpty()) {
            swarm.removeSecrets(plan(revision));
        }
    }

    private ServicePlan plan(Revision revision) {
        return new ServicePlan(revision, project);
    }
}
