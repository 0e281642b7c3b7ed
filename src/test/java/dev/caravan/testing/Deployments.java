package dev.caravan.testing;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.Resources;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Deployments that say only what a test is about. */
public final class Deployments {

    private Deployments() {}

    /** One in {@code openfaas-fn} that says nothing more. */
    public static FunctionDeployment of(String name) {
        return running(name, "openfaas-fn", null, Map.of());
    }

    public static FunctionDeployment running(
            String name, String namespace, @Nullable String command, Map<String, String> environment) {
        return new FunctionDeployment(
                name,
                "example/" + name + ":1",
                namespace,
                command,
                environment,
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                null,
                null,
                false);
    }

    public static FunctionDeployment labelled(FunctionDeployment plain, Map<String, String> labels) {
        return with(plain, plain.constraints(), plain.secrets(), labels, plain.annotations());
    }

    public static FunctionDeployment annotated(FunctionDeployment plain, Map<String, String> annotations) {
        return with(plain, plain.constraints(), plain.secrets(), plain.labels(), annotations);
    }

    public static FunctionDeployment asking(FunctionDeployment plain, List<String> secrets) {
        return with(plain, plain.constraints(), secrets, plain.labels(), plain.annotations());
    }

    public static FunctionDeployment constrained(FunctionDeployment plain, String constraint) {
        return with(plain, List.of(constraint), plain.secrets(), plain.labels(), plain.annotations());
    }

    public static FunctionDeployment limited(
            String image, FunctionDeployment plain, @Nullable Resources limits, boolean readOnly) {
        return new FunctionDeployment(
                plain.service(),
                image,
                plain.namespace(),
                plain.envProcess(),
                plain.envVars(),
                plain.constraints(),
                plain.secrets(),
                plain.labels(),
                plain.annotations(),
                limits,
                plain.requests(),
                readOnly);
    }

    public static FunctionDeployment image(String image, FunctionDeployment plain) {
        return limited(image, plain, plain.limits(), plain.readOnlyRootFilesystem());
    }

    private static FunctionDeployment with(
            FunctionDeployment plain,
            List<String> constraints,
            List<String> secrets,
            Map<String, String> labels,
            Map<String, String> annotations) {
        return new FunctionDeployment(
                plain.service(),
                plain.image(),
                plain.namespace(),
                plain.envProcess(),
                plain.envVars(),
                constraints,
                secrets,
                labels,
                annotations,
                plain.limits(),
                plain.requests(),
                plain.readOnlyRootFilesystem());
    }
}
