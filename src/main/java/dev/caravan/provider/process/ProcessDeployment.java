package dev.caravan.provider.process;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.ScaleLabels;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a deployment must and should be to run as processes. */
final class ProcessDeployment {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessDeployment.class);
    private static final int MAX_REPLICAS = 100;

    private ProcessDeployment() {}

    /** @throws ProviderException {@code INVALID}, in one readable line, when it can never run */
    static FunctionName check(FunctionDeployment deployment) {
        try {
            FunctionName name = deployment.function();
            new ProcessEnvironment(deployment).check();
            ScaleLabels.of(deployment.labels()).requireOrder();
            requireReplicas(name, deployment.minimumReplicas());
            return name;
        } catch (IllegalArgumentException e) {
            throw new ProviderException(Code.INVALID, String.valueOf(e.getMessage()), e);
        }
    }

    /** @throws ProviderException {@code INVALID} for more than one machine is trusted with */
    static void requireReplicas(FunctionName name, int replicas) {
        if (replicas < 0 || replicas > MAX_REPLICAS) {
            throw new ProviderException(
                    Code.INVALID,
                    "cannot run " + replicas + " replicas of \"" + name + "\": processes scale from 0 to "
                            + MAX_REPLICAS);
        }
    }

    /** Says in the log what is echoed and has no effect here. */
    static void warn(FunctionDeployment deployment) {
        if (deployment.limits() != null || deployment.requests() != null) {
            LOG.warn(
                    "limits and requests of function {} are not enforced: it runs as a process of this machine",
                    deployment.function());
        }
        ScaleLabels.of(
                deployment.labels(),
                (label, value) -> LOG.warn(
                        "scale label ignored, its default applies function={} label={} value={}",
                        deployment.function(),
                        label,
                        value.substring(0, Math.min(80, value.length()))));
    }
}
