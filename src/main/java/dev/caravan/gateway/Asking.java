package dev.caravan.gateway;

import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
import dev.caravan.gateway.auth.Caller;
import dev.caravan.gateway.auth.Rights;
import org.apache.camel.Exchange;

/** What whoever asks may see. Where nobody is asked who it is, everybody sees everything. */
final class Asking {

    private Asking() {}

    static Rights rights(Exchange exchange) {
        Caller caller = exchange.getProperty(Caller.PROPERTY, Caller.class);
        return caller == null ? Rights.ALL : caller.rights();
    }

    /** The functions that are there for him. */
    static FunctionScope functions(Exchange exchange) {
        return rights(exchange).functions();
    }

    static boolean sees(Exchange exchange, FunctionName function) {
        return functions(exchange).has(function);
    }
}
