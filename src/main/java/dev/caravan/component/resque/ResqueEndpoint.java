package dev.caravan.component.resque;

import dev.caravan.resque.Namespace;
import dev.caravan.resque.QueueList;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Take jobs from the Redis queues of Resque, and put jobs there. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "resque",
        title = "Resque",
        syntax = "resque:queues",
        remote = true,
        category = {Category.MESSAGING})
public class ResqueEndpoint extends DefaultEndpoint {

    @UriPath(
            description =
                    "Taking: queues in strict order (high,low), weighted (a=2,b=1), by globs (* for all), without others"
                            + " (!name). Putting: one queue, or * for the one that X-Resque-Queue names")
    @Metadata(required = true)
    private String queues;

    @UriParam(label = "consumer", defaultValue = "25", description = "How many jobs run at once")
    private int concurrency = 25;

    @UriParam(
            label = "consumer",
            defaultValue = "20",
            javaType = "java.time.Duration",
            description = "The longest pause between two looks at queues that are empty")
    private long interval = 20;

    @UriParam(description = "What all keys begin with, when it is not what CARAVAN_RESQUE_NAMESPACE says")
    private String namespace = "";

    @UriParam(
            label = "consumer",
            defaultValue = "false",
            description = "End the process, with status 0, once the queues are empty and all jobs are over")
    private boolean exitOnComplete;

    @UriParam(
            label = "consumer",
            defaultValue = "2",
            description = "Accepted for goworker's sake: one connection serves any number of workers here")
    private int connections = 2;

    @UriParam(
            label = "consumer",
            defaultValue = "true",
            description = "Accepted for goworker's sake: numbers always reach the function digit for digit")
    private boolean useNumber = true;

    @UriParam(label = "producer", description = "The class of the jobs, where X-Resque-Class does not name it")
    private String jobClass = "";

    ResqueEndpoint(String uri, ResqueComponent component, String queues) {
        super(uri, component);
        this.queues = queues;
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        var consumer = new ResqueConsumer(this, processor, QueueList.parse(queues));
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        return new ResqueProducer(this);
    }

    @Override
    public ResqueComponent getComponent() {
        return (ResqueComponent) super.getComponent();
    }

    Namespace keys() {
        return namespace.isEmpty() ? getComponent().resque().namespace() : new Namespace(namespace);
    }

    public String getQueues() {
        return queues;
    }

    public void setQueues(String queues) {
        this.queues = queues;
    }

    public int getConcurrency() {
        return concurrency;
    }

    public void setConcurrency(int concurrency) {
        this.concurrency = concurrency;
    }

    public long getInterval() {
        return interval;
    }

    public void setInterval(long interval) {
        this.interval = interval;
    }

    public String getNamespace() {
        return namespace;
    }

    public void setNamespace(String namespace) {
        this.namespace = namespace;
    }

    public boolean isExitOnComplete() {
        return exitOnComplete;
    }

    public void setExitOnComplete(boolean exitOnComplete) {
        this.exitOnComplete = exitOnComplete;
    }

    public int getConnections() {
        return connections;
    }

    public void setConnections(int connections) {
        this.connections = connections;
    }

    public boolean isUseNumber() {
        return useNumber;
    }

    public void setUseNumber(boolean useNumber) {
        this.useNumber = useNumber;
    }

    public String getJobClass() {
        return jobClass;
    }

    public void setJobClass(String jobClass) {
        this.jobClass = jobClass;
    }
}
