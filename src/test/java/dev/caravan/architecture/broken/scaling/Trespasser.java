package dev.caravan.architecture.broken.scaling;

import com.zaxxer.hikari.HikariConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import jakarta.jms.Message;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.logging.Logger;
import org.apache.camel.BeanInject;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.support.CronExpression;
import redis.clients.jedis.Connection;

/** Does everything that belongs elsewhere, and nothing else. */
public final class Trespasser {

    @BeanInject
    @Nullable
    CamelContext injected;

    final Supplier<Instant> clock = Instant::now;

    public void trespass(
            Message jms,
            HikariConfig pool,
            MeterRegistry meters,
            Vertx vertx,
            CronExpression spring,
            Connection redis) {
        try {
            Logger.getLogger(System.getenv("X") + jms.getClass() + pool + meters + vertx + spring + redis);
        } catch (IllegalStateException e) {
            e.printStackTrace();
            System.out.println(clock.get());
        }
    }
}
