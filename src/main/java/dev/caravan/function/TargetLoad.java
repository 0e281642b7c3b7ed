package dev.caravan.function;

import java.util.Map;

/**
 * What each replica of a function is to carry, as its labels say (contract section 4.4).
 *
 * @param type how load is measured: {@code rps}, {@code capacity}, {@code cpu}, … or a word of the deployer's own
 * @param target so much of it per replica
 */
public record TargetLoad(String type, double target) {

    public static final String TYPE = "com.openfaas.scale.type";
    public static final String TARGET = "com.openfaas.scale.target";

    private static final String DEFAULT_TYPE = "rps";
    private static final double DEFAULT_TARGET = 50;

    /** A label that makes no sense is as good as none. */
    public static TargetLoad of(Map<String, String> labels) {
        String type = labels.getOrDefault(TYPE, DEFAULT_TYPE);
        String target = labels.getOrDefault(TARGET, "");
        return new TargetLoad(
                type.matches("[A-Za-z0-9_-]{1,63}") ? type : DEFAULT_TYPE,
                target.matches("[0-9]{1,9}([.][0-9]{1,9})?") ? Double.parseDouble(target) : DEFAULT_TARGET);
    }
}
