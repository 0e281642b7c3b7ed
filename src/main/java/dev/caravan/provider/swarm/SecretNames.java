package dev.caravan.provider.swarm;

import dev.caravan.provider.engine.FunctionContainer;

/** What a function's secret is called. @param unique on the Swarm, where names of all revisions meet */
record SecretNames(String name, String unique) {

    /** A label: which file it is in a container. */
    static final String PATH = "dev.caravan.path";

    /** In bytes: a Swarm's limit. */
    static final int LARGEST = 500 * 1_024;

    static SecretNames of(ServicePlan plan, int index, String name) {
        return new SecretNames(name, plan.project() + "-" + plan.revision().number() + "-" + index);
    }

    String path() {
        return FunctionContainer.SECRETS + "/" + name;
    }
}
