package dev.caravan.gateway.auth;

/** What a line of the users file lets somebody see, for tests elsewhere. */
public final class GrantFixture {

    private GrantFixture() {}

    /** @param grant as {@code viewer[shop-* -bodies]}; the default namespace is {@code openfaas-fn} */
    public static Rights rights(String grant) {
        return Grant.parse(grant, "openfaas-fn").rights();
    }
}
