package function;

import caravan.Function;
import caravan.Request;
import caravan.Response;

public final class Handler implements Function {

    @Override
    public Response handle(Request request) {
        String name = request.text().isBlank() ? "world" : request.text().strip();
        return Response.text("Hello, " + name + ".\n").withHeader("X-Language", "java");
    }
}
