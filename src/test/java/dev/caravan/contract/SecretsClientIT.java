package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.TestServer;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Secrets and namespaces, row by row as their clients ask for them (contract sections 1.8, 1.10 and 1.16). */
class SecretsClientIT {

    @RegisterExtension
    static final TestServer server = TestServer.with();

    private final Rows rows = new Rows(server);

    @BeforeAll
    static void addUsers() throws IOException {
        Rows.addUsers(server);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # who   | request                                     | body                                                     | status | answer
        nobody  | GET /system/secrets                         | ``                                                       | 401    | ^invalid credentials
        nobody  | POST /system/secrets                        | {"name":"row","value":"s3cret"}                          | 401    | ^invalid credentials
        vera    | POST /system/secrets                        | {"name":"row","value":"s3cret"}                          | 403    | admin
        olga    | PUT /system/secrets                         | {"name":"row","value":"s3cret"}                          | 403    | admin
        olga    | DELETE /system/secrets                      | {"name":"row"}                                           | 403    | admin
        admin   | GET /system/secrets                         | ``                                                       | 200    | ^\\[\\]
        admin   | PUT /system/secrets                         | {"name":"row","value":"s3cret"}                          | 404    | row
        admin   | POST /system/secrets                        | {"name":"row","value":"s3cret"}                          | 202    | ``
        admin   | POST /system/secrets                        | {"name":"row","value":"s3cret"}                          | 409    | row
        admin   | PUT /system/secrets                         | {"name":"row","namespace":"openfaas-fn","value":"new"}   | 202    | ``
        admin   | POST /system/secrets                        | {"name":"raw","value":"x","rawValue":"AAEC/w=="}         | 202    | ``
        admin   | GET /system/secrets                         | ``                                                       | 200    | "name":"raw","namespace":""
        vera    | GET /system/secrets?namespace=openfaas-fn   | ``                                                       | 200    | "name":"row","namespace":"openfaas-fn"
        admin   | GET /system/secrets?namespace=not-there     | ``                                                       | 400    | not-there
        admin   | POST /system/secrets                        | {"name":"../row","value":"x"}                            | 400    | name
        admin   | POST /system/secrets                        | {"name":"","value":"x"}                                  | 400    | name
        admin   | POST /system/secrets                        | {"name":"empty"}                                         | 400    | value
        admin   | POST /system/secrets                        | not json                                                 | 400    | JSON
        admin   | POST /system/secrets                        | {"name":"a","namespace":"not-there","value":"x"}         | 400    | not-there
        admin   | DELETE /system/secrets                      | {"name":"row","namespace":"openfaas-fn"}                 | 202    | ``
        admin   | DELETE /system/secrets?namespace=openfaas-fn | {"name":"raw"}                                          | 202    | ``
        admin   | DELETE /system/secrets                      | {"name":"row"}                                           | 404    | row
        admin   | PATCH /system/secrets                       | ``                                                       | 405    | ``
        nobody  | GET /system/namespaces                      | ``                                                       | 401    | ^invalid credentials
        admin   | GET /system/namespaces                      | ``                                                       | 200    | ^\\["openfaas-fn"\\]
        vera    | POST /system/namespace/                     | {"name":"shop"}                                          | 403    | admin
        admin   | POST /system/namespace/                     | {"name":"shop","labels":{"openfaas":"1"},"annotations":{"openfaas":"1"}} | 201 | ``
        admin   | POST /system/namespace/                     | {"name":"shop"}                                          | 409    | shop
        admin   | POST /system/namespaces                     | {"name":"plural"}                                        | 201    | ``
        vera    | GET /system/namespaces                      | ``                                                       | 200    | ^\\["openfaas-fn","plural","shop"\\]
        vera    | GET /system/namespace/shop                  | ``                                                       | 200    | "labels":\\{"openfaas":"1"\\}
        admin   | GET /system/namespaces/shop                 | ``                                                       | 200    | "annotations":\\{"openfaas":"1"\\}
        admin   | PUT /system/namespace/shop                  | {"name":"shop","labels":{"team":"blue"}}                 | 202    | ``
        admin   | GET /system/namespace/shop                  | ``                                                       | 200    | "annotations":\\{\\},"labels":\\{"team":"blue"\\}
        admin   | PUT /system/namespace/shop                  | {"name":"other"}                                         | 400    | shop
        admin   | PUT /system/namespace/not-there             | {"name":"not-there"}                                     | 404    | not-there
        admin   | GET /system/namespace/not-there             | ``                                                       | 404    | not-there
        admin   | POST /system/namespace/                     | {"name":"kube-system"}                                   | 400    | kube-system
        admin   | POST /system/namespace/                     | {"name":"Not_A_Label"}                                   | 400    | -
        admin   | POST /system/namespace/                     | not json                                                 | 400    | JSON
        admin   | POST /system/secrets                        | {"name":"row","namespace":"shop","value":"x"}            | 202    | ``
        admin   | DELETE /system/namespace/shop               | {"name":"shop","labels":{"openfaas":"1"}}                | 409    | shop
        admin   | DELETE /system/secrets                      | {"name":"row","namespace":"shop"}                        | 202    | ``
        admin   | DELETE /system/namespace/shop               | {"name":"shop","labels":{"openfaas":"1"}}                | 202    | ``
        admin   | DELETE /system/namespaces/plural            | ``                                                       | 202    | ``
        admin   | DELETE /system/namespace/shop               | ``                                                       | 404    | shop
        admin   | DELETE /system/namespace/openfaas-fn        | ``                                                       | 400    | default
        admin   | PATCH /system/namespace/shop                | ``                                                       | 405    | ``
        """)
    void eachRequestIsAnsweredAsTheTableSays(String who, String request, String body, int status, String answer) {
        rows.send(who, request, body, status, answer);
    }

    @Test
    void functionsOfOneNameLiveInTwoNamespacesAndTheLastDotSplits() {
        rows.send("admin", "POST /system/namespace/", "{\"name\":\"depot\"}", 201, "");
        for (String namespace : new String[] {"openfaas-fn", "depot"}) {
            rows.send(
                    "admin",
                    "POST /system/functions",
                    "{\"service\":\"twin\",\"image\":\"" + namespace + "\",\"envProcess\":\"echo " + namespace
                            + "\",\"namespace\":\"" + namespace + "\"}",
                    202,
                    "");
            rows.send("nobody", "POST /function/twin." + namespace, "", 200, "^" + namespace);
            rows.send("admin", "GET /system/function/twin." + namespace, "", 200, "\"image\":\"" + namespace);
        }
        rows.send("admin", "DELETE /system/functions?namespace=depot", "{\"functionName\":\"twin\"}", 202, "");
        rows.send("nobody", "POST /function/twin.depot", "", 404, "twin.depot");
        assertThat(server.post("/function/twin", "").text()).startsWith("openfaas-fn");
    }
}
