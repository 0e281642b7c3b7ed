package dev.caravan.function;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a replica may use or asks for, as quantities in the provider's own notation, e.g. {@code 64Mi}, {@code 100m}.
 *
 * @param devices how many of which device, by the names in {@link #DEVICES}
 */
public record Resources(@Nullable String memory, @Nullable String cpu, Map<String, String> devices) {

    /** The devices that a deployment can name (contract section 1.2). */
    public static final List<String> DEVICES = List.of("nvidia.com/gpu", "amd.com/gpu", "intel.com/gpu");

    @SuppressWarnings("ConstantValue") // a deployment that was kept before there were devices has none
    public Resources {
        devices = devices == null ? Map.of() : Map.copyOf(devices);
    }
}
