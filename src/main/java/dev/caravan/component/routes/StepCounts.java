package dev.caravan.component.routes;

import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.spi.WrapAwareProcessor;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Counts what comes to each step. Camel's own management would, too, but registers a managed bean for each step and
 * measures times that nobody looks at; this adds two counters and one small object per step and message.
 */
final class StepCounts implements InterceptStrategy {

    /** What one step has seen. */
    static final class Count {
        private final LongAdder exchanges = new LongAdder();
        private final LongAdder failures = new LongAdder();

        long exchanges() {
            return exchanges.sum();
        }

        long failures() {
            return failures.sum();
        }
    }

    /** By the step itself: a version that is gone takes its counts with it. */
    private final Map<NamedNode, Count> counts = Collections.synchronizedMap(new WeakHashMap<>());

    /** Null when nothing counts it. */
    @Nullable
    Count of(NamedNode step) {
        return counts.get(step);
    }

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, @Nullable Processor nextTarget) {
        var count = new Count();
        counts.put(definition, count);
        return new Counting(AsyncProcessorConverterHelper.convert(target), count);
    }

    /** Says that it is a wrapper, so that Camel does not put one more around it. */
    private static final class Counting extends DelegateAsyncProcessor implements WrapAwareProcessor {

        private final Count count;

        Counting(AsyncProcessor target, Count count) {
            super(target);
            this.count = count;
        }

        @Override
        public Processor getWrapped() {
            return getProcessor();
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            count.exchanges.increment();
            return super.process(exchange, sync -> {
                if (exchange.getException() != null) {
                    count.failures.increment();
                }
                callback.done(sync);
            });
        }
    }
}
