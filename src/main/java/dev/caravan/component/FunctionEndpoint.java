package dev.caravan.component;

import dev.caravan.config.Durations;
import dev.caravan.function.FunctionName;
import java.time.Duration;
import org.apache.camel.AsyncEndpoint;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;

/** Call a function and take its answer. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "function",
        title = "Function",
        syntax = "function:name",
        producerOnly = true,
        remote = true,
        category = {Category.CLOUD, Category.SERVERLESS})
public class FunctionEndpoint extends DefaultEndpoint implements AsyncEndpoint {

    /** The name that stands for: whichever function the message names. */
    static final String NAMED_BY_MESSAGE = "*";

    @UriPath(description = "Name of the function, or * for the one that the message header CaravanFunction names")
    @Metadata(required = true)
    private String name;

    @UriParam(description = "Namespace of the function; the platform's default namespace when not set")
    private @Nullable String namespace;

    @UriParam(
            description = "How long a call may take, as seconds or in Go syntax such as 1m30s;"
                    + " the platform's call timeout when not set")
    private @Nullable String timeout;

    @UriParam(
            defaultValue = "false",
            description = "Whether bodies are handed on chunk by chunk instead of being held in memory")
    private boolean stream;

    @UriParam(
            defaultValue = "10485760",
            description = "How many bytes of an answer that is not streamed are kept; the rest is dropped")
    private long maxAnswer = 10L * 1024 * 1024;

    @UriParam(
            enums = "wait,ask,off",
            defaultValue = "wait",
            description = "What a call does when no replica is ready: asks for one and waits for it, asks for one and"
                    + " fails at once, or only fails at once")
    private String scaleFromZero = "wait";

    FunctionEndpoint(String uri, FunctionComponent component, String name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    public Producer createProducer() {
        return new FunctionProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("a function can be called (to:), not listened to (from:)");
    }

    @Override
    public FunctionComponent getComponent() {
        return (FunctionComponent) super.getComponent();
    }

    public String getName() {
        return name;
    }

    public void setName(String name) {
        this.name = name;
    }

    public @Nullable String getNamespace() {
        return namespace;
    }

    public void setNamespace(@Nullable String namespace) {
        this.namespace = namespace;
    }

    public @Nullable String getTimeout() {
        return timeout;
    }

    public void setTimeout(@Nullable String timeout) {
        this.timeout = timeout;
    }

    public boolean isStream() {
        return stream;
    }

    public void setStream(boolean stream) {
        this.stream = stream;
    }

    public long getMaxAnswer() {
        return maxAnswer;
    }

    public void setMaxAnswer(long maxAnswer) {
        this.maxAnswer = maxAnswer;
    }

    public String getScaleFromZero() {
        return scaleFromZero;
    }

    public void setScaleFromZero(String scaleFromZero) {
        this.scaleFromZero = scaleFromZero;
    }

    ColdStart.Mode coldStart() {
        return ColdStart.Mode.of(scaleFromZero);
    }

    /** The one function this endpoint calls; null when each message names its own. */
    @Nullable
    FunctionName fixedFunction() {
        if (name.equals(NAMED_BY_MESSAGE)) {
            return null;
        }
        String home = namespace == null ? getComponent().defaultNamespace() : namespace;
        return FunctionName.parse(name, home)
                .orElseThrow(() -> new IllegalArgumentException("no function can be named \"" + name + "\""));
    }

    Duration callTimeout() {
        return timeout == null ? getComponent().defaultTimeout() : Durations.parse(timeout);
    }
}
