package dev.caravan.component.resque;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.component.CaravanHeaders;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobHandlerTest {

    private final DefaultCamelContext camel = new DefaultCamelContext();

    @AfterEach
    void stop() {
        camel.stop();
    }

    private Exchange handled(String className, Map<String, String> table, String... deployed) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setHeader(ResqueHeaders.CLASS, className);
        new JobHandler(table, "openfaas-fn", function -> List.of(deployed).contains(function.name())).process(exchange);
        return exchange;
    }

    private static Object function(Exchange exchange) {
        return exchange.getMessage().getHeader(CaravanHeaders.FUNCTION);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Hello                | hello
            Billing::Charge      | billing-charge
            Billing::ChargeCard  | billing-charge-card
            App\\Jobs\\SendMail  | app-jobs-send-mail
            com.acme.HTTPProbe   | com-acme-http-probe
            resize_image         | resize-image
            Sha256Sum            | sha256-sum
            """)
    void aFunctionIsCalledLikeItsClass(String className, String function) {
        assertThat(JobHandler.nameOf(className)).isEqualTo(function);
    }

    @Test
    void theTableGoesFirst() {
        assertThat(function(handled("Hello", Map.of("Hello", "greet.prod", "*", "jobs"), "hello")))
                .isEqualTo("greet.prod");
    }

    @Test
    void aClassWithoutAFunctionGoesToTheOneForAllOthers() {
        assertThat(function(handled("Hello", Map.of("*", "jobs"), "hello"))).isEqualTo("hello");
        assertThat(function(handled("Other", Map.of("*", "jobs"), "hello"))).isEqualTo("jobs");
        assertThat(function(handled("Other", Map.of()))).isEqualTo("other");
    }

    @Test
    void aBeanOrRouteOfTheClasssNameDoesTheJobItself() throws Exception {
        camel.getRegistry().bind("Hello", (Processor) exchange -> {});
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:Billing::Charge").to("mock:charged");
            }
        });
        camel.start();

        assertThat(handled("Hello", Map.of()).getProperty(JobHandler.HANDLER)).isEqualTo("bean:Hello");
        assertThat(handled("Billing::Charge", Map.of()).getProperty(JobHandler.HANDLER))
                .isEqualTo("direct:Billing::Charge");
        assertThat(function(handled("Hello", Map.of()))).isNull();
    }

    /** A class comes from whoever may push a job; it is never text of an address unless it is a name. */
    @ParameterizedTest
    @CsvSource({"Hello?method=exit", "a b", "../x", "Hello}", "-"})
    void aClassThatIsNoNameReachesNoBean(String className) {
        camel.getRegistry().bind(className, (Processor) exchange -> {});

        assertThat(handled(className, Map.of()).getProperty(JobHandler.HANDLER)).isNull();
    }
}
