package dev.caravan.provider.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A function as it was deployed or updated once. All of it stands in the labels of its containers or service, which are the truth:
 * whoever finds them needs nothing else.
 *
 * @param number grows with each update, as text
 * @param createdAt when the function was deployed first
 */
public record Revision(FunctionDeployment deployment, String number, Instant createdAt) {

    /** Names the Caravan to which something on an engine belongs. */
    public static final String PROJECT = "dev.caravan.project";

    /** The name of the function. */
    public static final String FUNCTION = "dev.caravan.function";
    /** The namespace of the function. */
    public static final String NAMESPACE = "dev.caravan.namespace";

    /** Which revision it is. */
    public static final String NUMBER = "dev.caravan.revision";

    private static final String CREATED_AT = "dev.caravan.created-at";
    private static final String DEPLOYMENT = "dev.caravan.deployment";
    private static final String OURS = "dev.caravan.";

    private static final Logger LOG = LoggerFactory.getLogger(Revision.class);
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** A new one. */
    public static Revision of(FunctionDeployment deployment, Instant now, Instant createdAt) {
        int sameMoment = ThreadLocalRandom.current().nextInt(1 << 16);
        return new Revision(
                deployment, String.format(Locale.ROOT, "%013d-%04x", now.toEpochMilli(), sameMoment), createdAt);
    }

    /** Whose it is. */
    public FunctionName function() {
        return deployment.function();
    }

    /** The function's own labels, for other tools to see, and ours. */
    public Map<String, String> labels(String project) {
        var labels = new LinkedHashMap<String, String>();
        deployment.labels().forEach((name, value) -> {
            if (!name.startsWith(OURS)) {
                labels.put(name, value);
            }
        });
        labels.put(PROJECT, project);
        labels.put(FUNCTION, deployment.service());
        labels.put(NAMESPACE, deployment.namespace());
        labels.put(NUMBER, number);
        labels.put(CREATED_AT, createdAt.toString());
        try {
            labels.put(DEPLOYMENT, JSON.writeValueAsString(deployment));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a deployment is no JSON", e);
        }
        return labels;
    }

    /** Empty when they are not those of a function; what cannot be read is said in the log. */
    public static Optional<Revision> in(Map<String, String> labels, String what) {
        String deployment = labels.get(DEPLOYMENT);
        if (deployment == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Revision(
                    JSON.readValue(deployment, FunctionDeployment.class),
                    labels.getOrDefault(NUMBER, ""),
                    Instant.parse(labels.getOrDefault(CREATED_AT, ""))));
        } catch (JsonProcessingException | DateTimeException | NullPointerException e) {
            LOG.warn("cannot read the labels of {}, it is left alone: {}", what, e.getMessage());
            return Optional.empty();
        }
    }
}
