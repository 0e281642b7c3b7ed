package dev.caravan.component.resque;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.function.FunctionName;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * {@code jobHandler}: says who does a job, by its class. What the table says goes first; then a bean of the class's name,
 * or a route from {@code direct:CLASS}, which does the job at once: {@value #HANDLER} is its address then. Else it is a
 * function, named in {@code CaravanFunction}: the one that is called like the class, or what the table says for {@code *}
 * when there is none.
 */
public final class JobHandler implements Processor {

    /** Exchange property: where the job is done at once; not there when it is a function's. */
    static final String HANDLER = "CaravanHandler";

    private static final String OTHERS = "*";
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*((::|\\.|\\\\)[A-Za-z_][A-Za-z0-9_]*)*");

    private final Map<String, String> table;
    private final String defaultNamespace;
    private final Predicate<FunctionName> deployed;

    /** @param table class to function, as {@code NAME} or {@code NAME.NAMESPACE} */
    public JobHandler(Map<String, String> table, String defaultNamespace, Predicate<FunctionName> deployed) {
        this.table = Map.copyOf(table);
        this.defaultNamespace = defaultNamespace;
        this.deployed = deployed;
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        String className = message.getHeader(ResqueHeaders.CLASS, "", String.class);
        String told = table.get(className);
        if (told == null && isName(className)) {
            CamelContext camel = exchange.getContext();
            if (camel.getRegistry().lookupByName(className) != null) {
                exchange.setProperty(HANDLER, "bean:" + className);
                return;
            }
            if (camel.hasEndpoint("direct:" + className) != null) {
                exchange.setProperty(HANDLER, "direct:" + className);
                return;
            }
        }
        message.setHeader(CaravanHeaders.FUNCTION, told == null ? function(className) : told);
    }

    private String function(String className) {
        String name = nameOf(className);
        String others = table.get(OTHERS);
        boolean there =
                FunctionName.parse(name, defaultNamespace).filter(deployed).isPresent();
        return others == null || there ? name : others;
    }

    /** Of a class in Ruby, PHP, Java or JavaScript: nothing that would mean something in an address. */
    private static boolean isName(String className) {
        return NAME.matcher(className).matches();
    }

    /** {@code Billing::ChargeCard} is {@code billing-charge-card}. */
    static String nameOf(String className) {
        return className
                .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .replaceAll("([A-Z]+)([A-Z][a-z])", "$1-$2")
                .replaceAll("[^A-Za-z0-9]+", "-")
                .replaceAll("^-+|-+$", "")
                .toLowerCase(Locale.ROOT);
    }
}
