package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.caravan.function.SecretName;
import dev.caravan.provider.Secrets;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The bean behind {@code /system/secrets} (contract section 1.8): secrets are named, written and deleted, never read.
 *
 * <p>Methods may be called from any thread and may block on the provider. No answer repeats what a body held but names.
 */
public final class SecretsApi {

    private final Secrets secrets;
    private final String defaultNamespace;

    /** @param defaultNamespace where a secret lives whose request names no namespace */
    public SecretsApi(Secrets secrets, String defaultNamespace) {
        this.secrets = secrets;
        this.defaultNamespace = defaultNamespace;
    }

    /**
     * The secrets of {@code ?namespace=}, or of the default namespace: 200 {@code [{name, namespace}]}.
     *
     * <p>The namespace is given back as it was asked for, empty when it was not: {@code faas-cli secret apply} takes for
     * there only what names its namespace exactly as its own option did.
     */
    public void list(Exchange exchange) {
        Answer.to(exchange, request -> {
            Optional<String> asked = Answer.parameter(request, "namespace");
            ArrayNode names = JsonNodeFactory.instance.arrayNode();
            secrets.list(asked.orElse(defaultNamespace))
                    .forEach(name -> names.addObject().put("name", name).put("namespace", asked.orElse("")));
            return Answer.json(names);
        });
    }

    /** 202; exactly 409 when the name is taken, on which {@code faas-cli} updates it. */
    public void create(Exchange exchange) {
        Answer.to(exchange, request -> {
            JsonRequest body = JsonRequest.read(Answer.body(request));
            secrets.create(named(exchange, name(body, request)), value(body));
            return Answer.ACCEPTED;
        });
    }

    /** 202; 404 when it is not there. */
    public void replace(Exchange exchange) {
        Answer.to(exchange, request -> {
            JsonRequest body = JsonRequest.read(Answer.body(request));
            secrets.replace(named(exchange, name(body, request)), value(body));
            return Answer.ACCEPTED;
        });
    }

    /** 202, never 204, which {@code faas-cli} takes for a failure; 404 when it is not there. */
    public void delete(Exchange exchange) {
        Answer.to(exchange, request -> {
            secrets.delete(named(exchange, name(JsonRequest.read(Answer.body(request)), request)));
            return Answer.ACCEPTED;
        });
    }

    private static SecretName named(Exchange exchange, SecretName name) {
        Audit.subject(exchange, name.toString());
        return name;
    }

    /** The namespace may stand in the body or in the query; the body wins. */
    private SecretName name(JsonRequest body, Message request) {
        String name = body.text("name");
        String namespace = body.optionalText("namespace")
                .or(() -> Answer.parameter(request, "namespace"))
                .orElse(defaultNamespace);
        try {
            return new SecretName(name, namespace);
        } catch (IllegalArgumentException e) {
            String where = SecretName.isName(name) ? "namespace" : "name";
            throw JsonRequest.invalid("field \"" + where + "\": " + e.getMessage());
        }
    }

    /** {@code rawValue}, base64 of any bytes, wins over the text {@code value}. */
    private static byte[] value(JsonRequest body) {
        Optional<String> raw = body.optionalText("rawValue");
        if (raw.isPresent()) {
            try {
                return Base64.getDecoder().decode(raw.get());
            } catch (IllegalArgumentException e) {
                // Without the cause, whose message quotes from the value.
                throw JsonRequest.invalid("field \"rawValue\" must be base64");
            }
        }
        return body.optionalText("value")
                .orElseThrow(() -> JsonRequest.invalid("field \"value\" is missing, or \"rawValue\" in base64"))
                .getBytes(StandardCharsets.UTF_8);
    }
}
