package dev.caravan.provider.engine;

import dev.caravan.function.FunctionName;
import dev.caravan.provider.DeployedFunctions;
import java.util.List;
import java.util.Optional;

/** A function that an engine runs. Changes wait for the engine; what {@link Deployed} tells never waits. */
public interface EngineFunction extends DeployedFunctions.Deployed {

    FunctionName name();

    /** What is wanted last. */
    Revision revision();

    /** Whether all is as wanted, so that the engine need not be asked often. */
    boolean settled();

    /** Containers of the replicas that take calls; empty when one of them runs where the engine cannot look. */
    Optional<List<String>> containers();

    /** The engine is away: replicas that do not answer either take no calls. */
    void doubt();

    void scale(int replicas);

    /** New replicas take over once all of them are ready; until then the old ones stay. */
    void replace(Revision revision, int replicas);

    /** Takes no more calls; who reads the log has reached its end. Its replicas go. */
    void remove();

    /** Lets go of its replicas, which go on. */
    void leave();
}
