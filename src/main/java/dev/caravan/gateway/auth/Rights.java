package dev.caravan.gateway.auth;

import dev.caravan.function.FunctionScope;

/**
 * How much somebody sees, whatever his role is.
 *
 * @param functions the others do not exist for him
 * @param bodies whether he sees what calls were sent with and what functions answered
 */
public record Rights(FunctionScope functions, boolean bodies) {

    /** Of everybody of whom nothing else is said. */
    public static final Rights ALL = new Rights(FunctionScope.ALL, true);

    /** Whether he sees every function. */
    public boolean allFunctions() {
        return functions.isAll();
    }
}
