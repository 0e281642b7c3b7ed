package function;

import caravan.Function;
import caravan.Request;
import caravan.Response;

public final class Handler implements Function {

    @Override
    public Response handle(Request request) {
        if (request.path().equals("/fail")) {
            throw new IllegalStateException("no");
        }
        if (request.path().equals("/json")) {
            return Response.json("{\"method\": \"" + request.method() + "\"}");
        }
        String seen = request.method() + " " + request.path() + " " + request.query() + " "
                + request.header("x-who").orElse("nobody");
        return Response.text(request.text().toUpperCase()).withStatus(201).withHeader("X-Seen", seen);
    }
}
