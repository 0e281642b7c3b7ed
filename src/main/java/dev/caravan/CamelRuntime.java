package dev.caravan;

import dev.caravan.config.Settings;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.model.RedeliveryPolicyDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;

/** Camel, set up for a gateway: nothing on the path of a request that no route asked for. */
final class CamelRuntime implements AutoCloseable {

    private final Main main = new Main();

    CamelRuntime(Settings settings) {
        MainConfigurationProperties options = main.configure();
        options.withName("caravan");
        options.withAutoConfigurationEnabled(false);
        options.withRoutesCollectorEnabled(false);
        options.withJmxEnabled(false);
        // Bodies are bytes in memory, files, or streams that must not be read twice.
        options.withStreamCachingEnabled(false);
        options.withMessageHistory(false);
        options.withLoadTypeConverters(false);
        options.withInflightRepositoryBrowseEnabled(false);
        options.withShutdownTimeout((int) Math.max(1, settings.gateway().drain().toSeconds()));
        options.withShutdownLogInflightExchangesOnTimeout(false);
        main.addInitialProperty(
                "caravan.async-timeout", settings.async().timeout().toMillis() + "ms");
        main.addInitialProperty("caravan.resque-queues", settings.resque().queues());
        main.addInitialProperty(
                "caravan.resque-concurrency", Integer.toString(settings.resque().concurrency()));
    }

    /** Gives routes a word: a bean, a processor or a component under its scheme. */
    void bind(String name, Object bean) {
        main.bind(name, bean);
    }

    void start() {
        main.start();
        context().getCamelContextExtension().setErrorHandlerFactory(oneLineForEachFailure());
    }

    /** A route that says no error handler of its own logs a line for what fails, not a page. */
    private static DefaultErrorHandlerDefinition oneLineForEachFailure() {
        var policy = new RedeliveryPolicyDefinition();
        policy.setLogStackTrace("false");
        policy.setLogExhaustedMessageHistory("false");
        var handler = new DefaultErrorHandlerDefinition();
        handler.setRedeliveryPolicy(policy);
        return handler;
    }

    CamelContext context() {
        return main.getCamelContext();
    }

    @Override
    public void close() {
        main.stop();
    }
}
